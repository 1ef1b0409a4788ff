"""Events: what is worth a line in a log, as plain values; whoever sees one tells it.

Each holds its name under "event", and of "task", "shard", "key", "worker", "node" and "message"
(one sentence for people) those that it is about.
"""

from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
Tell = Callable[[Event], None]


def untold(event: Event) -> None:
    """For whoever keeps no log."""
