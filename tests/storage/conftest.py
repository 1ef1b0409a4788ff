import pytest

from pixelmill.storage import faults


@pytest.fixture
def quick_retries(monkeypatch):
    """Attempts follow one another at once."""
    monkeypatch.setattr(faults, "_FIRST_WAIT", 0.001)
