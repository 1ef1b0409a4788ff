"""outputs: where samples go; one file a format."""

from collections.abc import Callable
from typing import Literal

from pixelmill.errors import JobError
from pixelmill.outputs.fields import written_fields
from pixelmill.outputs.output import Output, ShardRecord
from pixelmill.outputs.rolling import OpenShard, RollingOutput

__all__ = ["Output", "ShardRecord", "open_output", "shard_opener", "written_fields"]


def open_output(
    format: Literal["webdataset", "parquet"],
    folder: str,
    output: str,
    name: Callable[[int], str],
    samples: int | None = None,
    bytes: int | None = None,
    index: bool = False,
    empty: bool = True,
) -> Output:
    """An output that writes shards into `folder`, rolling over at so many `samples` or `bytes`.

    `name` gives the n-th shard's name without its extension.  `index` puts a DALI index beside each
    tar.  With `empty`, an output that got no sample leaves one empty shard, so that the shards are
    numbered without gaps.  No file is there before the first sample, or the end.
    """
    return RollingOutput(shard_opener(format, index), folder, output, name, samples, bytes, empty)


def shard_opener(format: str, index: bool) -> OpenShard:
    """What opens one shard of a format, given its URL without the extension."""
    # Imported here: a job of tars needs no pyarrow.
    if format == "webdataset":
        from pixelmill.outputs.webdataset import IndexedTarShard, TarShard

        return IndexedTarShard if index else TarShard
    if format == "parquet":
        from pixelmill.outputs.parquet import ParquetShard

        return ParquetShard
    raise JobError([f"outputs.format: expected webdataset or parquet, got {format!r}"])
