"""The house stays as it was drawn: floors, no circles, light imports, small files, honest names."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Bottom to top.  A room may import those below it and those on its own floor.
FLOORS = [
    {
        "clock",
        "errors",
        "events",
        "failpoint",
        "geometry",
        "giants",
        "hands",
        "headroom",
        "holder",
        "inflight",
        "lanes",
        "lifeline",
        "loan",
        "memory",
        "random",
        "sample",
        "shelf",
        "spelling",
        "tally",
    },
    {"annotations", "codecs", "job", "shards", "storage"},
    {"outputs", "sources", "transforms"},
    {
        *("exchange", "guard", "inputs", "journey", "lease", "labels", "ledger"),
        *("manifest", "pipeline", "plan", "quarantine", "splits"),
    },
    {"live", "task"},
    {"executors"},
    {"estimate", "feed", "info", "log", "retry", "run", "status", "verify"},
    {"__main__", "cli", "demo", "measure"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

KERNELS_MAY_IMPORT = {"pixelmill_kernels", "numpy", "numba", "llvmlite", *sys.stdlib_module_names}
HEAVY = {"numba", "ray", "pyarrow", "webdataset", "datasets"}
JUNK_DRAWERS = {"util", "helper", "common", "misc", "manager", "handler"}
MOST_LINES = 400


def named(path: Path, source_root: Path) -> str:
    parts = path.relative_to(source_root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    named(path, ROOT / folder): path
    for folder in ("engine", "kernels")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in FILES.items()}


def is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports_in(node: ast.AST, *, lazy: bool) -> set[str]:
    """The modules that the code imports, not for type checkers; those in functions where `lazy`."""
    found = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            found |= {alias.name for alias in child.names}
        elif isinstance(child, ast.ImportFrom):
            found |= {modules_of(child, alias.name) for alias in child.names}
        elif is_for_type_checkers(child):
            found |= {name for part in child.orelse for name in imports_in(part, lazy=lazy)}
        elif lazy or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found |= imports_in(child, lazy=lazy)
    return found


def modules_of(node: ast.ImportFrom, name: str) -> str:
    """`from a import b` imports the module a.b where there is one, and a otherwise."""
    assert node.level == 0, "relative imports hide which room is meant; write the whole name"
    return f"{node.module}.{name}" if f"{node.module}.{name}" in FILES else str(node.module)


def room_of(module: str) -> str:
    """The room of a module of the engine; "" for `pixelmill` itself, which is the front door."""
    return module.split(".")[1] if "." in module else ""


ENGINE = sorted(name for name in FILES if name.split(".")[0] == "pixelmill")
KERNELS = sorted(FILES.keys() - set(ENGINE))


def test_both_roots_are_looked_at():
    assert {"pixelmill.errors", "pixelmill.cli"} <= set(ENGINE)
    assert "pixelmill_kernels" in KERNELS


def test_every_room_has_a_floor():
    homeless = {room_of(name) for name in ENGINE} - FLOOR.keys() - {""}
    assert not homeless, "put it on a floor in tests/test_architecture.py"


def test_nothing_imports_upward():
    upward = [
        f"{module} imports {name}"
        for module in ENGINE
        for name in sorted(imports_in(TREES[module], lazy=True) & set(ENGINE))
        # pixelmill itself shows what is upstairs, when it is asked
        if room_of(module) and FLOOR.get(room_of(name), 0) > FLOOR.get(room_of(module), 0)
    ]
    assert upward == []


def imports_for_circles(module: str) -> set[str]:
    """Also those in functions, except where a package picks one of its own modules when asked."""
    found = imports_in(TREES[module], lazy=True) & FILES.keys()
    if FILES[module].name != "__init__.py":
        return found
    own = {name for name in found if name.startswith(f"{module}.")}
    return found - own | imports_in(TREES[module], lazy=False) & own


def test_there_are_no_import_circles():
    try:
        TopologicalSorter({name: imports_for_circles(name) for name in FILES}).prepare()
    except CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


def test_kernels_know_only_numpy_and_numba():
    strange = {
        module: {name.split(".")[0] for name in imports_in(TREES[module], lazy=True)}
        - KERNELS_MAY_IMPORT
        for module in KERNELS
    }
    assert {module: names for module, names in strange.items() if names} == {}


@pytest.mark.parametrize("module", ["pixelmill", "pixelmill.cli", "pixelmill.job"])
def test_an_import_pulls_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_module_says_its_idea():
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_every_file_is_short_enough_to_read():
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in FILES.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_module_is_a_junk_drawer():
    words = {name: name.replace(".", "_").split("_") for name in FILES}
    drawers = [n for n, ws in words.items() if {w.removesuffix("s") for w in ws} & JUNK_DRAWERS]
    assert drawers == [], "name each after the idea that is in it"
