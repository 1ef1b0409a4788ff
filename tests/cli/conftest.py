import sys
from dataclasses import dataclass

import pytest

from pixelmill import cli


@dataclass
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def all(self):
        return self.out + self.err


@pytest.fixture
def pixelmill(monkeypatch, capsys):
    """Runs the command as a shell would, in this process: the same way in, the same exit codes."""

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["pixelmill", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = Said(ended.value.code, *capsys.readouterr())
        assert "Traceback" not in said.all
        return said

    return run
