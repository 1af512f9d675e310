"""An operator's hands on a stopped group's positions, as kafka-consumer-groups.sh does it.

Usage: positions.py BOOTSTRAP GROUP forget
       positions.py BOOTSTRAP GROUP set TOPIC:PARTITION:OFFSET...
Waits up to two minutes until the brokers have missed the group's members.
"""

import sys
import time

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

BUSY = (KafkaError.NON_EMPTY_GROUP, KafkaError.UNKNOWN_MEMBER_ID)


def once_empty(ask):
    """Asks again until the group has no members."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(1)


def forget(admin, group):
    """Deletes the group and with it its positions."""
    admin.delete_consumer_groups([group])[group].result()


def set_positions(admin, group, positions):
    """Sets positions; all or none are refused by a group with members."""
    wanted = ConsumerGroupTopicPartitions(group, positions)
    told = admin.alter_consumer_group_offsets([wanted])[group].result()
    for it in told.topic_partitions:
        if it.error:
            raise KafkaException(it.error)


def main(bootstrap, group, action, places):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    if action == "forget":
        once_empty(lambda: forget(admin, group))
        return
    positions = []
    for place in places:
        topic, partition, offset = place.split(":")
        positions.append(TopicPartition(topic, int(partition), int(offset)))
    once_empty(lambda: set_positions(admin, group, positions))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
