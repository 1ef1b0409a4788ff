"""Repeated: several rows of one image where a table has one for each; the first is kept."""

from collections import Counter
from collections.abc import Sequence

from pixelmill.labels.table import Row


def repeated(rows: Sequence[Row]) -> Counter[str]:
    """How many rows were left out, as the tally counts them."""
    return Counter({"row_repeated": len(rows) - 1} if len(rows) > 1 else {})
