import importlib.util
from pathlib import Path

import pytest

from pixelmill.storage import faults

# Test folders are no packages: the fixture is loaded by its path.
_spec = importlib.util.spec_from_file_location(
    "s3_server", Path(__file__).with_name("s3_server.py")
)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
s3 = _module.s3


@pytest.fixture
def quick_retries(monkeypatch):
    """Attempts follow one another at once."""
    monkeypatch.setattr(faults, "_FIRST_WAIT", 0.001)
