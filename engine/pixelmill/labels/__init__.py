"""labels: what tables say of images, joined to them by key."""

from pixelmill.labels.join import Join, expect_tables, join_of, prepare, summary
from pixelmill.labels.matched import Matched
from pixelmill.labels.own import OwnJoin

__all__ = ["Join", "Matched", "OwnJoin", "expect_tables", "join_of", "prepare", "summary"]
