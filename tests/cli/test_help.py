import subprocess
import sys

import pytest

from pixelmill.cli import COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(pixelmill, command):
    said = pixelmill(command, "--help")
    assert said.code == 0
    assert "Usage:" in said.out


def test_help_names_every_command(pixelmill):
    said = pixelmill("--help")
    assert said.code == 0
    assert all(command in said.out for command in COMMANDS)


def test_a_misspelt_command_is_told_the_nearest_one(pixelmill):
    said = pixelmill("verfy", "out/")
    assert said.code == 2
    assert "there is no command 'verfy'; did you mean 'verify'?" in said.err


def test_python_m_pixelmill_is_the_command():
    command = [sys.executable, "-m", "pixelmill", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("pixelmill 0.")


def test_info_says_which_pillow_and_how_wide_the_vectors_are(pixelmill):
    from PIL import __version__

    said = pixelmill("info")
    assert said.code == 0
    flavour = "Pillow-SIMD" if ".post" in __version__ else "Pillow"
    assert f"{flavour} {__version__}" in said.out
    assert "-bit vectors" in said.out
