"""Venvs: an environment for each peer, from requirements/NAME.txt, below .venv-peers.

Where requirements/NAME.build.txt is there too, NAME.txt is built from source with what that holds.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench.peers.field import REQUIREMENTS, Peer

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venv-peers"
PATIENCE = 1800  # seconds; PyTorch's wheels with CUDA are gigabytes


class CannotInstall(Exception):
    """Why a peer is not there, in the installer's own words."""


def python_of(peer: Peer) -> Path:
    """The interpreter that has the peer; installs what is missing, or raises `CannotInstall`."""
    if peer.is_own:
        return Path(sys.executable)
    folder = HOME / peer.home
    python, ready = folder / "bin" / "python", folder / "ready"
    wanted = _wanted(peer)
    if not ready.exists() or ready.read_text("utf-8") != wanted:
        print(f"installing {peer.home}", flush=True)
        ready.unlink(missing_ok=True)
        _install(peer, folder)
        ready.write_text(wanted, "utf-8")
    return python


def _files(peer: Peer) -> tuple[Path, Path]:
    return tuple(REQUIREMENTS / f"{peer.home}{end}" for end in (".build.txt", ".txt"))  # type: ignore[return-value]


def _wanted(peer: Peer) -> str:
    return "".join(path.read_text("utf-8") for path in _files(peer) if path.exists())


def _install(peer: Peer, folder: Path) -> None:
    build, requirements = _files(peer)
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if not folder.exists():
        _do([uv, "venv", "--quiet", "--python", sys.executable] if uv else
            [sys.executable, "-m", "venv"], str(folder))  # fmt: skip
    python = str(folder / "bin" / "python")
    pip = [uv, "pip", "install", "--quiet", "--python", python] if uv else (
        [python, "-m", "pip", "install", "--quiet"])  # fmt: skip
    if build.exists():
        _do(pip, "-r", str(build))
        # A wheel in the cache may have been built when a library was missing.
        cache = "--no-cache" if uv else "--no-cache-dir"
        _do(pip, "--no-build-isolation", cache, "-r", str(requirements))
    else:
        _do(pip, "-r", str(requirements))


def _do(command: list[str], *more: str) -> None:
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    if "avx2" in _flags():
        environment["CC"] = f"{os.environ.get('CC', 'cc')} -mavx2"  # Pillow-SIMD's faster half
    try:
        done = subprocess.run(
            [*command, *more], env=environment, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"not installed after {PATIENCE} s") from None
    if done.returncode:
        raise CannotInstall(reason_in(done.stderr + done.stdout))


def reason_in(said: str) -> str:
    """The line of an installer's complaint that tells why: its last error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\w*Error\b|\berror:|ERROR:", line)]
    return (errors or lines or ["it said nothing"])[-1]


def _flags() -> str:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return ""
