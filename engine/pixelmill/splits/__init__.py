"""splits: which side of a split a sample goes to, and whether anything is on two sides."""

from pixelmill.splits.decided import decide
from pixelmill.splits.leaks import Leaks, find_leaks
from pixelmill.splits.marks import Mark, Marks
from pixelmill.splits.sides import Sides

__all__ = ["Leaks", "Mark", "Marks", "Sides", "decide", "find_leaks"]
