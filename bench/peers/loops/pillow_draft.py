"""Pillow with its draft mode: a scaled decode, for photographs far larger than needed."""

from functools import partial

from bench.peers.loops import pillow

shards_to_shards = partial(pillow.shards_to_shards, decode=pillow.drafted)
tensors = partial(pillow.tensors, decode=pillow.drafted)
