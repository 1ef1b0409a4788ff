"""Places: for each kind of job the failpoints on its way, and how often it has come by."""

DIED = "task.sample:5:kill"  # leaves something to sweep
PLACES = {
    "plain": [
        *("lease.taken:1", "begin.inputs:1", "begin.claimed:1", "task.read:1", "task.read:9"),
        *("task.sample:1", "task.sample:7", "file.synced:1", "file.synced:9", "file.named:1"),
        *("file.named:7", "shard.put:1", "shard.put:5", "shard.there:1", "shard.there:5"),
        *("quarantine.put:1", "record.put:1", "record.put:3", "record.there:1", "record.there:4"),
        *("manifest.card:1", "manifest.there:1", "lease.left:1", "sweep:1"),
    ],
    "shuffled": [
        *("task.sample:9", "shard.put:2", "shard.there:2", "record.there:4", "record.there:6"),
        *("exchange.map:1", "gather.batch:1", "gather.put:2", "gather.there:3", "record.put:7"),
        *("manifest.card:1", "manifest.there:1", "clear.there:1", "sweep:1"),
    ],
    "surveyed": [
        *("survey.put:1", "survey.put:3", "exchange.map:1", "exchange.cut:1", "gather.batch:2"),
        *("gather.put:1", "gather.there:2", "record.there:5", "clear.there:1"),
    ],
}  # fmt: skip


def deaths_at(place, deed):
    first = [{"failpoint": DIED}] if place.startswith("sweep") else []
    return [*first, {"failpoint": f"{place}:{deed}"}]
