"""Page: bench/results/reliability.json as the table of tests/README.md."""

from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "tests" / "README.md"


def figures(found: dict[str, Any]) -> str:
    """Everything that stands between the marks."""
    rows = [row for part, told in ROWS.items() if part in found for row in told(found[part])]
    days = sorted({told["day"] for told in found.values()})
    machine = next(iter(found.values()))["machine"]
    lines = [
        f"Counted on {' and '.join(days)} on {machine['cores']} cores of an "
        f"{machine['processor']}, Python {machine['python']}.",
        "",
        "| What was done | How often, how much |",
        "|---|---|",
        *(f"| {what} | {much} |" for what, much in rows),
    ]
    if "throughput" in found:
        lines += ["", *_throughput(found["throughput"])]
    return "\n".join(lines)


def _kills(found: dict[str, Any]) -> list[tuple[str, str]]:
    points = {name: count for name, count in found["kills"].items() if name != "any instant"}
    instants = found["kills"]["any instant"]
    return [
        (
            f"kills survived, in {found['lives']:,} lives of three kinds of job",
            f"{found['survived']:,}: {instants:,} at any instant, {sum(points.values()):,} at "
            f"{len(points)} steps, each {min(points.values()):,} to {max(points.values()):,} times",
        ),
        ("samples checked after them", f"{found['samples_checked']:,}"),
        ("bytes compared after them", f"{found['bytes_compared']:,}"),
        ("commit records seen untouched by a later run", f"{found['records_seen_once']:,}"),
    ]


def _storage_faults(found: dict[str, Any]) -> list[tuple[str, str]]:
    injected = found["injected"]
    told = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in injected.items())
    return [("faults of storage injected", f"{sum(injected.values()):,}: {told}")]


def _hostile(found: dict[str, Any]) -> list[tuple[str, str]]:
    tried, peaks = found["tried"], found["peak_bytes_under_bombs"]
    worst = max(peaks, key=peaks.__getitem__)
    told = ", ".join(f"{n:,} {name}" for name, n in tried.items())
    much = f"{peaks[worst] / 1e6:,.0f} MB ({worst})"
    return [
        ("hostile files tried", f"{sum(tried.values()):,}: {told}"),
        ("memory that a bomb took, at most, beyond a small photograph's", much),
    ]


def _fuzz(found: dict[str, Any]) -> list[tuple[str, str]]:
    executions = found["executions"]
    told = ", ".join(f"{name} {n:,}" for name, n in executions.items())
    what = f"inputs made by the fuzzer, {found['seconds_each']:,} s for each target"
    return [(what, f"{sum(executions.values()):,}: {told}")]


ROWS = {"kills": _kills, "storage_faults": _storage_faults, "hostile": _hostile, "fuzz": _fuzz}


def _throughput(found: dict[str, Any]) -> list[str]:
    places = {name: told for name, told in found["places"].items() if name != "local"}
    return [
        f"{found['samples']:,} photographs by one worker, {found['rounds']} round(s) by turns, on "
        f"a machine with a load of {found['load_before']:.1f} beforehand:",
        "",
        "| The store | images/s | against the same store undisturbed |",
        "|---|---:|---:|",
        *(
            f"| {'undisturbed' if name == 'proxy' else name} | {told['images_per_second']:,.0f} | "
            f"{told['is_times_proxy']:.2f} |"
            for name, told in places.items()
            if name != "bucket"
        ),
    ]
