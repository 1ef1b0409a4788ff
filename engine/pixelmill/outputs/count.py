"""Count: how many samples a shard holds, by opening it as a reader would."""

from pixelmill import storage
from pixelmill.shards.reader import read_shard


def count_samples(url: str) -> int:
    """The samples of a tar or Parquet shard; ShardError where it cannot be opened."""
    if url.endswith(".parquet"):
        from pixelmill.sources.ranges import open_parquet

        return int(open_parquet(storage.stat(url)).metadata.num_rows)
    return sum(1 for _ in read_shard(storage.chunks(url), url))
