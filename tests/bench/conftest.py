import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

Part = Callable[[str], ModuleType]


@pytest.fixture
def bench(monkeypatch) -> Iterator[Part]:
    """A module of bench by its name there, from the folder beside tests."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    yield lambda name: import_module(f"bench.{name}")
    for name in [name for name in sys.modules if name == "bench" or name.startswith("bench.")]:
        del sys.modules[name]
