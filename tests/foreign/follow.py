"""A foreign client that reads one agency topic while the platform is being broken, and writes down what it got.

Reads every partition from its beginning by itself, without a group: what it gets is what the topic shows, and
nothing comes again because a group shared the work anew. Writes one line a record: partition, offset, event id,
version. Once its standard input closes it reads until nothing has come for ten seconds, and ends.

Usage: follow.py BOOTSTRAP REGISTRY_URL TOPIC FILE
"""

import io
import json
import struct
import sys
import threading
import time
import urllib.request

import fastavro
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

SILENCE_SECONDS = 10
# Brokers come back; everything else is an end.
AWAY = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT)


def schema_of(registry, schema_id, cache={}):
    """The parsed writer schema behind a schema id; the registry may be away for a while."""
    while schema_id not in cache:
        try:
            with urllib.request.urlopen(f"{registry}/schemas/ids/{schema_id}", timeout=10) as answer:
                cache[schema_id] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        except OSError:
            time.sleep(1)
    return cache[schema_id]


def main(bootstrap, registry, topic, path):
    last = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), last.set()), daemon=True).start()
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": "foreign-follower",  # required by the client, never joined nor committed
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "auto.offset.reset": "error",
    })
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, it, 0) for it in partitions])
    heard = time.monotonic()
    with open(path, "w", encoding="ascii") as out:
        while not last.is_set() or time.monotonic() - heard < SILENCE_SECONDS:
            for message in consumer.consume(500, timeout=1):
                if message.error():
                    if message.error().code() in AWAY:
                        continue
                    raise KafkaException(message.error())
                heard = time.monotonic()
                magic, schema_id = struct.unpack(">bI", message.value()[:5])
                assert magic == 0, "not framed by the registry"
                record = fastavro.schemaless_reader(io.BytesIO(message.value()[5:]), schema_of(registry, schema_id))
                event = record["event_id"].hex()
                out.write(f"{message.partition()} {message.offset()} {event} {record['version']}\n")
            out.flush()
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
