"""Questions: what the simulated cluster is asked, and which parameters differ for each."""

from collections.abc import Iterator, Mapping
from typing import Any

Words = Mapping[str, Any]

BILLION, SMALLER = 10**9, 10**8
NODES = (10, 30, 100, 300, 1000, 2000)
WHERE_LIMITED = (10, 100, 1000)
# Amazon S3 answers 5,500 GET a second for each prefix; Google Cloud lets 200 Gb/s out of a region
# to begin with.  Both grow on request, or by themselves as prefixes become many.
BUCKETS: Mapping[str, Words] = {
    "no limit": {},
    "200 Gb/s": {"bandwidth": 200e9 / 8},
    "5,500 requests/s": {"requests": 5500.0},
}
# A node lives half an hour on average, so that some dozens go while a billion images are done.
PREEMPTED: Mapping[str, Words] = {
    "none goes": {},
    "without notice": {"lifetime": 1800.0},
    "with 120 s of notice": {"lifetime": 1800.0, "notice": 120.0},
}
SLOW: Mapping[str, Words] = {
    "none is slow": {},
    "2 % are 4 times as slow": {"slow_share": 0.02, "slow_times": 4.0},
    "2 % are 20 times as slow": {"slow_share": 0.02, "slow_times": 20.0},
    "10 % are twice as slow": {"slow_share": 0.1, "slow_times": 2.0},
}
A_SHARD = (1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
SEEDS = 2
HUNDRED = 100  # nodes, where a question is not about their number


def asked(images: int = BILLION) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Each scenario: its place in the results, and its parameters.

    Fewer images tell what slow nodes and the size of shards cost.
    """
    for bucket, words in BUCKETS.items():
        for nodes in WHERE_LIMITED if words else NODES:
            yield ("nodes", bucket, f"{nodes}"), {"nodes": nodes, "images": images, **words}
    for name, words in PREEMPTED.items():
        for seed in range(SEEDS):
            facts = {"nodes": HUNDRED, "images": images, "seed": seed, **words}
            yield ("preempted", name, f"{seed}"), facts
    for name, words in SLOW.items():
        for second in (True, False):
            facts = {
                "nodes": HUNDRED,
                "images": min(images, SMALLER),
                "second_runs": second,
                **words,
            }
            yield ("slow", name, "second runs" if second else "none"), facts
    for size in A_SHARD:
        facts = {"nodes": HUNDRED, "images": min(images, SMALLER), "a_shard": size}
        yield ("shards", f"{size}"), facts
