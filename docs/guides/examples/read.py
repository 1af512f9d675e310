"""Reads one agency topic into SQLite: one row an event, replaced as the records say.

Needs Python 3.9 or newer, confluent-kafka and fastavro. The position is committed after the rows are on
the disk: after a kill some records come again and change nothing.

Usage: read.py BOOTSTRAP REGISTRY_URL TOPIC GROUP DATABASE [--once]
`--once` stops at the end of the topic instead of waiting for more.
"""

import io
import json
import sqlite3
import struct
import sys
import urllib.request

import fastavro
from confluent_kafka import Consumer, KafkaError, KafkaException

# `record` is null where the event was taken back: the row stays, so that an older record cannot revive it.
TABLE = """
    CREATE TABLE IF NOT EXISTS event (event_id TEXT PRIMARY KEY, version INTEGER NOT NULL, record TEXT)
"""


class Schemas:
    """Schemas by registry id; each is fetched once."""

    def __init__(self, registry):
        self.registry, self.known = registry, {}

    def read(self, value):
        """A record out of the registry's frame: a zero byte, then the schema's id, highest byte first."""
        magic, schema_id = struct.unpack(">bI", value[:5])
        if magic != 0:
            raise ValueError("not framed by the registry")
        if schema_id not in self.known:
            with urllib.request.urlopen(f"{self.registry}/schemas/ids/{schema_id}", timeout=10) as answer:
                self.known[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        return fastavro.schemaless_reader(io.BytesIO(value[5:]), self.known[schema_id])


def plain(value):
    """Bytes as hexadecimal digits, instants and days as ISO 8601."""
    return value.hex() if isinstance(value, bytes) else value.isoformat()


def store(database, record):
    """One row an event: the record of the greatest version, in whatever order they come."""
    text = None  # a retraction leaves a mark
    if record["action"] == "upsert":
        text = json.dumps(record, default=plain, ensure_ascii=False)
    database.execute("""
        INSERT INTO event (event_id, version, record) VALUES (?, ?, ?)
        ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, record = excluded.record
        WHERE excluded.version > event.version""", [record["event_id"].hex(), record["version"], text])


def main(bootstrap, registry, topic, group, path, once=None):
    database = sqlite3.connect(path)
    database.execute(TABLE)
    open_partitions = set()
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        # The default of this client, written down since everything rests on it.
        "isolation.level": "read_committed",
    })
    consumer.subscribe([topic], on_assign=lambda _, them: open_partitions.update(it.partition for it in them))
    schemas, done = Schemas(registry), False
    while not done:
        messages = consumer.consume(500, timeout=1)
        with database:  # one transaction for all that came together
            for message in messages:
                if message.error() is None:
                    store(database, schemas.read(message.value()))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                    done = once is not None and not open_partitions
                else:
                    raise KafkaException(message.error())
        if any(it.error() is None for it in messages):
            try:
                consumer.commit(asynchronous=False)
            except KafkaException as trouble:
                # A broker is away, or the partitions went to another reader: these records come again.
                print(f"position not committed: {trouble}", file=sys.stderr)
    consumer.close()
    events, = database.execute("SELECT count(*) FROM event WHERE record IS NOT NULL").fetchone()
    print(f"{events} events stand in {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
