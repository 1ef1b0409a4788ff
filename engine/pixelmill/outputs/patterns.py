"""Patterns: one glob that finds an output's shards, and no others."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

_DIGITS = "[0-9]" * 6


def shard_pattern(name: str, shards: Sequence[str], strangers: Iterable[str]) -> list[str]:
    """`name-[0-9]...*.tar` where that tells the shards from the strangers, else the shards."""
    suffixes = {shard.rpartition(".")[2] for shard in shards}
    pattern = f"{name}-{_DIGITS}*.{next(iter(suffixes), 'tar')}"
    found = all(fnmatchcase(shard, pattern) for shard in shards)
    mistaken = any(fnmatchcase(shard, pattern) for shard in strangers)
    return [pattern] if found and not mistaken else list(shards)
