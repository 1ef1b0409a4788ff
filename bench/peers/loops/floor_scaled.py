"""The codec floor where decoding is at 1/2, 1/4 or 1/8, with at least twice the target left."""

from functools import partial

from bench.peers.loops import floor

prepare = partial(floor.prepare, scaled=True)
shards_to_shards, tensors = floor.shards_to_shards, floor.tensors
