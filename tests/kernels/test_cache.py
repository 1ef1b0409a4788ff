"""Compiled kernels on disk: never stale, never another's, compiled once however many want them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pixelmill_kernels import _cache

PACKAGE = Path(_cache.__file__).parent
MAKE_A_TABLE = """
from pixelmill_kernels import filters
from pixelmill_kernels._jit import times_compiled
table = filters.table(40, 20, "bicubic")
assert abs(float(table.weights.sum()) - 20) < 1e-5
print(times_compiled(filters._fill))
"""


def start(root, cache, code=MAKE_A_TABLE, **environment):
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(cache),
        **environment,
    }
    command = [sys.executable, "-c", code]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def compiled(process):
    out, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    return int(out)


@pytest.fixture
def copy(tmp_path):
    def made(name):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE, tmp_path / name / PACKAGE.name, ignore=ignored)
        return tmp_path / name

    return made


@pytest.mark.slow
def test_a_change_in_a_file_that_a_kernel_calls_renews_its_code(copy, tmp_path):
    root = copy("code")
    assert compiled(start(root, tmp_path / "cache")) == 1
    assert compiled(start(root, tmp_path / "cache")) == 0
    called = root / PACKAGE.name / "_llvm.py"
    called.write_text(called.read_text() + "# another line\n")
    assert compiled(start(root, tmp_path / "cache")) == 1


def test_what_is_written_in_any_folder_or_moved_to_another_renews_all_code(copy):
    package = copy("code") / PACKAGE.name
    stamps = [_cache.stamp_of(package)]
    assert stamps == [_cache.stamp()]
    sources = sorted(package.rglob("*.py"))
    assert {path.parent for path in sources} > {package}
    for path in sources:
        path.write_text(path.read_text() + "\n")
        stamps.append(_cache.stamp_of(package))
    sources[-1].rename(sources[-1].with_stem("another"))
    stamps.append(_cache.stamp_of(package))
    assert len(set(stamps)) == len(stamps) == len(sources) + 2


def test_two_files_of_one_name_do_not_share_code(tmp_path):
    """As `_borders.py` and `simd/_borders.py`, with a function of one name on one line."""
    functions = []
    for module in ("package._one", "package.inner._one"):
        names = {"__name__": module}
        exec(compile("def f(): ...", str(tmp_path / "_one.py"), "exec"), names)
        functions.append(names["f"])
    caches = [_cache.Cache(function) for function in functions]
    assert len({cache._impl.filename_base for cache in caches}) == 2


@pytest.mark.slow
def test_the_same_sources_under_another_path_find_the_code(copy, tmp_path):
    """As Ray unpacks a package under a new path in every session."""
    assert compiled(start(copy("here"), tmp_path / "cache")) == 1
    assert compiled(start(copy("there"), tmp_path / "cache")) == 0


@pytest.mark.slow
def test_of_processes_that_start_together_one_compiles(tmp_path):
    processes = [start(PACKAGE.parent, tmp_path / "cache") for _ in range(4)]
    assert sum(map(compiled, processes)) == 1


@pytest.mark.slow
def test_two_that_compile_for_two_types_at_once_do_not_take_each_others_code(tmp_path):
    code = """
import sys
import numpy as np
from pixelmill_kernels.geometry import flip
from pixelmill_kernels.geometry import _mirror
from pixelmill_kernels._jit import times_compiled
image = np.arange(60, dtype=DTYPE).reshape(4, 5, 3)
np.testing.assert_array_equal(flip(image), image[:, ::-1])
print(times_compiled(_mirror))
"""
    dtypes = ("uint8", "uint16", "float32")
    for expected in (3, 0):
        processes = [
            start(PACKAGE.parent, tmp_path / "cache", f"DTYPE = {dtype!r}\n{code}")
            for dtype in dtypes
        ]
        assert sum(map(compiled, processes)) == expected


@pytest.mark.slow
def test_without_a_folder_to_write_kernels_work_all_the_same(copy, tmp_path):
    root = copy("code")
    (root / PACKAGE.name / "__pycache__").write_text("a file stands where the folder would")
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    process = start(root, nowhere, HOME=str(nowhere), XDG_CACHE_HOME=str(nowhere))
    assert compiled(process) == 1


def test_folders_of_versions_long_gone_are_removed(tmp_path):
    old, new, foreign = (tmp_path / name for name in (f"{_cache.NAME}a", f"{_cache.NAME}b", "c"))
    for folder in (old, new, foreign):
        folder.mkdir()
    for folder in (old, foreign):
        long_ago = time.time() - _cache.UNUSED - 10
        os.utime(folder, (long_ago, long_ago))
    _cache.forget_others(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", f"{_cache.NAME}b"]
