"""Reads one agency topic into SQLite: rows are replaced or deleted as the records say.

Needs Python 3.9 or newer, confluent-kafka and fastavro. The position is committed after the rows are on
the disk: after a kill some records come again, in their order, and end in the same rows.

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

TABLE = """
    CREATE TABLE IF NOT EXISTS event (event_id TEXT, key BLOB, lane TEXT, revision TEXT, record TEXT,
                                      PRIMARY KEY (event_id, key, lane))
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


def store(database, message, record):
    """Replaces or deletes one row. An event that moves to another patient arrives under a new key or lane
    and is retracted under the old one, in any order: it stands while one of its rows does."""
    source = dict(message.headers())["src"].decode()
    row = [record["event_id"].hex(), message.key(), source.rpartition("/")[0]]
    if record["action"] == "retract":
        database.execute("DELETE FROM event WHERE event_id = ? AND key = ? AND lane = ?", row)
    else:
        text = json.dumps(record, default=plain, ensure_ascii=False)
        database.execute("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?)",
                         [*row, record["revision"].hex(), text])


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
                    store(database, message, schemas.read(message.value()))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(message.partition())
                    done = once is not None and not open_partitions
                else:
                    raise KafkaException(message.error())
        if any(it.error() is None for it in messages):
            consumer.commit(asynchronous=False)
    consumer.close()
    events, = database.execute("SELECT count(DISTINCT event_id) FROM event").fetchone()
    print(f"{events} events stand in {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
