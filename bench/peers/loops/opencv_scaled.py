"""OpenCV from a scaled decode, for photographs far larger than needed."""

from functools import partial

from bench.peers.loops import opencv

start = opencv.start
shards_to_shards = partial(opencv.shards_to_shards, decode=opencv.scaled)
tensors = partial(opencv.tensors, decode=opencv.scaled)
