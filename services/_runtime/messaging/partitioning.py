"""Which partition a key lies in: Kafka's own murmur2, remembered, for a person's key comes again and again."""

from __future__ import annotations

from functools import lru_cache

from aiokafka.partitioner import murmur2

_POSITIVE = 0x7FFFFFFF


@lru_cache(maxsize=1 << 16)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the number of the partition, of so many, in which every client of Kafka puts this key.

    The hash in Python costs as much as the rest of a send.
    """
    return int(murmur2(key) & _POSITIVE) % partitions
