"""labels: what tables say of images, joined to them by key."""

from pixelmill.labels.join import Join, Matched, expect_tables, join_of, prepare, summary

__all__ = ["Join", "Matched", "expect_tables", "join_of", "prepare", "summary"]
