import pytest

from pixelmill.storage import patience


@pytest.fixture
def quick_retries(monkeypatch):
    """Attempts follow one another at once."""
    monkeypatch.setattr(patience, "PATIENCE", patience.Patience(first_wait=0.001))
