"""Shards: tar in, tar out; what a list of shards is called, and where its members lie."""
