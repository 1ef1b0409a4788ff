"""FFCV from raw pixels in its own format: ten times the bytes, and nothing to decode."""

from bench.peers.loops import ffcv

prepare, reader = ffcv.raw, ffcv.reader
