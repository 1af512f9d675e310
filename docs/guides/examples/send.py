"""Sends events to a Saphan gateway: the whole way, from a record to the gateway's answer.

Needs Python 3.9 or newer and fastavro; nothing else. It keeps what it sends in an outbox (SQLite) until
the gateway has answered, so that neither a kill nor a broken line loses an event. The two events it
sends are of an invented person; put your own in place of `examples`.

Usage: send.py --gateway URL --token-file FILE --schemas FOLDER [--outbox FILE]
"""

import argparse
import datetime
import io
import json
import os
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import fastavro

CONTENT_TYPE = "application/vnd.saphan.batch+avro"
SUBMISSION_BYTES_MAX = 256 * 1024
BATCH_EVENTS, BATCH_BYTES = 1_000, 2 * 1024 * 1024
PAUSE_MAX_SECONDS = 300
THAILAND = datetime.timezone(datetime.timedelta(hours=7))


class Codec:
    """Writes submissions and batches in the schemas of the repository's folder `schemas`."""

    def __init__(self, folder):
        self.folder, self.named, self.seen = Path(folder), {}, set()
        self.submission = self.load("submission/v1")
        self.batch = self.load("submission-batch/v1")
        self.head = b"\xc3\x01" + self.fingerprint("th.saphan.Submission v1")

    def load(self, path):
        """A schema file, after the files it builds on."""
        definitions = json.loads((self.folder / f"{path}.avsc").read_text("utf-8"))
        for used in definitions.pop("uses", []) if isinstance(definitions, dict) else []:
            if used not in self.seen:
                self.seen.add(used)
                self.load(used)
        definitions = definitions if isinstance(definitions, list) else [definitions]
        return [fastavro.parse_schema(it, named_schemas=self.named) for it in definitions][-1]

    def fingerprint(self, name):
        """The schema's fingerprint as the platform lists it, lowest byte first."""
        for line in (self.folder / "fixtures/fingerprints.txt").read_text("ascii").splitlines():
            if line.startswith(f"{name} "):
                return bytes.fromhex(line.split()[-1])[::-1]
        sys.exit(f"no fingerprint of {name} in {self.folder}")

    def write_submission(self, submission):
        """One submission in Avro single-object encoding."""
        out = io.BytesIO()
        # Strict: a misspelt field would be left out in silence otherwise.
        fastavro.schemaless_writer(out, self.submission, submission, strict_allow_default=True)
        body = self.head + out.getvalue()
        if len(body) > SUBMISSION_BYTES_MAX:
            raise ValueError(f"{len(body)} bytes; a submission has at most {SUBMISSION_BYTES_MAX}")
        return body

    def write_batch(self, submissions):
        """The body of a request."""
        out = io.BytesIO()
        fastavro.schemaless_writer(out, self.batch, {"submissions": submissions})
        return out.getvalue()


class Outbox:
    """What was handed over and not yet answered for, in the order of handing over."""

    def __init__(self, path):
        os.umask(0o077)  # it holds patients' data: for this user only
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("CREATE TABLE IF NOT EXISTS waiting"
                        " (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL)")
        self.db.execute("CREATE TABLE IF NOT EXISTS refused"
                        " (id INTEGER PRIMARY KEY, code TEXT, message TEXT, body BLOB NOT NULL)")

    def add(self, body):
        """On the disk when it returns."""
        self.db.execute("INSERT INTO waiting (body) VALUES (?)", [body])

    def oldest(self, events):
        """Number and body of the oldest ones, within the size of a batch but at least one."""
        batch, total = [], 0
        for number, body in self.db.execute("SELECT id, body FROM waiting ORDER BY id LIMIT ?", [events]):
            total += len(body)
            if batch and total > BATCH_BYTES:
                break
            batch.append((number, body))
        return batch

    def accepted(self, number):
        self.db.execute("DELETE FROM waiting WHERE id = ?", [number])

    def refused(self, number, code, message):
        """Kept aside for a person to look at; the others go on."""
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute("INSERT INTO refused SELECT id, ?, ?, body FROM waiting WHERE id = ?",
                        [code, message, number])
        self.db.execute("DELETE FROM waiting WHERE id = ?", [number])
        self.db.execute("COMMIT")


class Gateway:
    """The two requests of the interface."""

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        """The token goes where it was meant to go or nowhere."""

        def redirect_request(self, *_):
            return None

    def __init__(self, url, token_file):
        parts = urllib.parse.urlsplit(url)
        here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not (parts.scheme == "https" or (parts.scheme == "http" and here)):
            sys.exit("use https: http would show the token to the network")
        self.url, self.token_file = url.rstrip("/"), token_file
        self.opener = urllib.request.build_opener(self.NoRedirect)

    def ask(self, path, body=None):
        """Status (0: nobody answered), pause asked for in seconds, answer."""
        token = Path(self.token_file).read_text("ascii").strip()  # anew, so that it can be replaced
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = CONTENT_TYPE
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with self.opener.open(request, timeout=90) as answer:
                return answer.status, 0, json.load(answer)
        except urllib.error.HTTPError as refusal:
            after = refusal.headers.get("Retry-After", "0")
            try:
                told = json.load(refusal)
            except ValueError:
                told = {}
            return refusal.code, int(after) if after.isdigit() else 0, told
        except (OSError, ValueError) as trouble:
            return 0, 0, {"message": str(trouble)}


def settle(outbox, batch, answer):
    """Carries out the answers up to the first `later`; true when that was all of them."""
    results = sorted(answer.get("results", []), key=lambda it: it["index"])
    if [it["index"] for it in results] != list(range(len(batch))):
        return False  # not an answer to this batch: send it again
    for (number, _), result in zip(batch, results):
        if result["status"] == "accepted":
            outbox.accepted(number)
        elif result["status"] == "refused":
            print(f"refused: {result['code']} {result['message']}", file=sys.stderr)
            outbox.refused(number, result["code"], result["message"])
        else:
            # What stands behind it is sent again with it: a correction must not overtake.
            return False
    return True


def deliver(outbox, codec, gateway):
    """Sends until the outbox is empty. Only one process may do this for a facility."""
    events, failures = BATCH_EVENTS, 0
    while batch := outbox.oldest(events):
        body = codec.write_batch([submission for _, submission in batch])
        status, after, answer = gateway.ask("/v1/submissions", body)
        if status == 200 and settle(outbox, batch, answer):
            events, failures = min(BATCH_EVENTS, 2 * events), 0
            continue
        told = f"{status} {answer.get('code', '')} {answer.get('message', '')}"
        if status == 413 and len(batch) > 1:
            events = len(batch) // 2
            continue
        if status not in (0, 200, 408, 425, 429) and status < 500:
            sys.exit(f"no waiting mends this; what is left stays in the outbox: {told}")
        if status == 408:
            events = max(1, len(batch) // 2)  # the line is too slow for as much as this at once
        failures += 1
        pause = max(after, min(PAUSE_MAX_SECONDS, 2**min(failures, 9)) * random.uniform(0.5, 1))
        print(f"{told}; trying again in {pause:.0f} s", file=sys.stderr)
        time.sleep(pause)


def is_citizen_id(text):
    """Thirteen digits, the last of which follows from the others."""
    if len(text) != 13 or not (text.isascii() and text.isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:12], range(13, 1, -1)))
    return int(text[12]) == (11 - total % 11) % 10


def submission(facility, subject, key, occurred_at, content):
    """One event as the platform wants it; `content` sets exactly one of the kinds."""
    if subject.get("citizen_id") is not None and not is_citizen_id(subject["citizen_id"]):
        raise ValueError("the check digit of the citizen id is wrong")
    return {
        "facility": facility,
        "subject": subject,
        "natural_key": key,
        "occurred_at": occurred_at,
        "recorded_at": datetime.datetime.now(datetime.timezone.utc),
        "provenance": {"source": "example", "document": "", "file": "", "line": 0, "adapter": "send.py 1"},
        "content": content,
    }


def examples(facility):
    """A person and a visit with dengue fever, both invented."""
    subject = {"citizen_id": "1234567890121", "local_id": "000123"}
    visited = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=THAILAND)
    yield submission(facility, subject, "000123", visited, {"person": {
        "pid": "000123", "prename": "003", "given_name": "สมมุติ", "family_name": "ตัวอย่าง",
        "sex": "1", "birth_date": datetime.date(1985, 4, 1), "nationality": "099", "type_area": "1",
    }})
    yield submission(facility, subject, "O:000777:20260302", visited, {"encounter": {
        "class": "ambulatory", "visit_number": "000777", "period_start": visited,
        "scheme": "0100", "type_in": "1", "type_out": "1", "vital_signs": {"temperature_c": 38.9},
        "price_satang": 35_000, "pay_price_satang": 0, "actual_pay_satang": 0,
        "diagnoses": [{"code": "A90", "role": "1"}],
    }})


def main():
    options = argparse.ArgumentParser(description="Sends two invented events to a Saphan gateway.")
    options.add_argument("--gateway", required=True, help="https://gateway.example")
    options.add_argument("--token-file", required=True)
    options.add_argument("--schemas", required=True, help="the folder `schemas` of the repository")
    options.add_argument("--outbox", default="outbox.db")
    options = options.parse_args()

    codec, outbox = Codec(options.schemas), Outbox(options.outbox)
    gateway = Gateway(options.gateway, options.token_file)
    status, _, answer = gateway.ask("/v1/whoami")
    if status != 200:
        sys.exit(f"the gateway cannot be used: {status} {answer.get('code', '')} {answer.get('message', '')}")
    for event in examples(answer["facility"]):
        outbox.add(codec.write_submission(event))
    deliver(outbox, codec, gateway)
    print(f"facility {answer['facility']}: everything is answered for")


if __name__ == "__main__":
    main()
