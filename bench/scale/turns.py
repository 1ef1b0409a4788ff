"""Turns: several ways of doing one thing, round by round; a slower machine is slower for all."""

import os
import shutil
from collections.abc import Callable
from time import perf_counter

Spent = dict[str, list[tuple[float, float]]]


def in_turns(ways: dict[str, Callable[[], None]], rounds: int, out: str) -> Spent:
    """Seconds by clock and by processor of each way.

    Before each of them `out` is removed and the disks are at rest.
    """
    spent: Spent = {name: [] for name in ways}
    for _ in range(rounds):
        for name, go in ways.items():
            shutil.rmtree(out, ignore_errors=True)
            os.sync()
            start, before = perf_counter(), sum(os.times()[:4])
            go()
            spent[name].append((perf_counter() - start, sum(os.times()[:4]) - before))
            print(f"{name}: {spent[name][-1][0]:.2f} s, cpu {spent[name][-1][1]:.2f} s", flush=True)
    return spent
