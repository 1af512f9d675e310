"""Another Avro library's fingerprints of the schema files: a line `name version fingerprint` a record.

Puts each file together with the files it builds on, then leaves the canonical form and CRC-64-AVRO to
fastavro. Usage: fingerprint.py SCHEMAS
"""

import json
import sys
from pathlib import Path

from fastavro.schema import fingerprint, to_parsing_canonical_form

PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}


class Composer:
    """One self-contained schema: every named type stands in full where it is used first."""

    def __init__(self, folder):
        self.folder, self.library, self.seen, self.defined = folder, {}, set(), set()

    def load(self, path):
        """The file, after the definitions of all files it builds on are in the library."""
        schema = json.loads((self.folder / path).read_text("utf-8"))
        for used in schema.pop("uses", []) if isinstance(schema, dict) else []:
            if used not in self.seen:
                self.seen.add(used)
                definitions = self.load(f"{used}.avsc")
                for it in definitions if isinstance(definitions, list) else [definitions]:
                    self.library[f"{it['namespace']}.{it['name']}"] = it
        return schema

    def inline(self, schema, namespace=""):
        if isinstance(schema, list):
            return [self.inline(it, namespace) for it in schema]
        if isinstance(schema, str):
            known = schema in PRIMITIVES or schema in self.defined
            return schema if known else self.inline(self.library[schema])
        out = {key: value for key, value in schema.items() if key != "uses"}
        namespace = out.get("namespace", namespace)
        if "name" in out:
            self.defined.add(f"{namespace}.{out['name']}")
        if "items" in out:
            out["items"] = self.inline(out["items"], namespace)
        if "fields" in out:
            out["fields"] = [{**it, "type": self.inline(it["type"], namespace)} for it in out["fields"]]
        return out


def main(folder):
    folder = Path(folder)
    for path in sorted(folder.rglob("v*.avsc")):
        path = path.relative_to(folder)
        if path.parts[0] in ("types", "envelope"):
            continue  # parts of records
        composer = Composer(folder)
        schema = composer.inline(composer.load(path))
        # fastavro gives the bytes as they stand in single-object encoding, lowest first.
        lowest_first = fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")
        number = bytes.fromhex(lowest_first)[::-1].hex()
        print(f"{schema['namespace']}.{schema['name']} {path.stem} {number}")


if __name__ == "__main__":
    main(*sys.argv[1:])
