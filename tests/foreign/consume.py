"""A foreign client: reads one agency topic with confluent-kafka and fastavro, schemas from the registry.

Prints one JSON line: number of records, and the sorted set of field paths that occur in them.
Usage: consume.py BOOTSTRAP REGISTRY_URL TOPIC
"""

import io
import json
import struct
import sys
import urllib.request

import fastavro
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition


def schema_of(registry, schema_id, cache={}):
    """The parsed writer schema behind a schema id."""
    if schema_id not in cache:
        with urllib.request.urlopen(f"{registry}/schemas/ids/{schema_id}", timeout=10) as answer:
            cache[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
    return cache[schema_id]


def paths(value, prefix=""):
    """Field paths of a decoded record; arrays do not add a level."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{prefix}{name}"
            yield from paths(inner, f"{prefix}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, prefix)


def main(bootstrap, registry, topic):
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "foreign-client-check",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
    })
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, it, 0) for it in partitions])
    open_partitions, records, seen, sources = len(partitions), 0, set(), set()
    while open_partitions:
        message = consumer.poll(30)
        if message is None:
            raise SystemExit("no record and no end of partition within 30 s")
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())
            open_partitions -= 1
            continue
        magic, schema_id = struct.unpack(">bI", message.value()[:5])
        assert magic == 0, "not framed by the registry"
        body = io.BytesIO(message.value()[5:])
        record = fastavro.schemaless_reader(body, schema_of(registry, schema_id))
        assert body.read() == b"", "bytes after the record"
        records += 1
        seen.update(paths(record))
        sources.add(dict(message.headers())["src"])
    consumer.close()
    print(json.dumps({"records": records, "fields": sorted(seen), "sources": len(sources)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
