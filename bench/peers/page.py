"""Page: what was measured, as Markdown for README.md."""

from pathlib import Path
from typing import Any

from bench.marked import marks, place
from bench.peers.field import FIELD, FLOORS, OURS, Peer
from bench.peers.sets import JOBS, RECIPES, SMALL

README = Path(__file__).parents[2] / "README.md"
# The share of a plate's rings that may be left: antialiased filters leave less than 0.1, one that
# is not stretched leaves more than 0.5.
ANTIALIASED = 0.25
KERNELS = ("resize", "flip", "gray", "blur", "normalize")

Found = dict[str, Any]


def place_in_readme(found: Found) -> None:
    begin, end = marks("peers")
    if begin in README.read_text(encoding="utf-8"):
        place(README, figures(found), "peers")
    else:
        print(figures(found))
        print(f"\nREADME.md has no place for this: put {begin} and {end} where it shall stand")


def figures(found: Found) -> str:
    """Everything that stands between the marks."""
    machine = found["machine"]
    lines = [
        f"Measured on an {machine['processor']} ({machine['simd']}, {machine['cores']} cores), "
        f"Python {machine['python']}, {found['day']}, in images/s; all take turns in one run, and "
        "whoever waits is stopped. In brackets, how many times as fast pixelmill is in that row's "
        "rounds; † is not antialiased.",
        "",
    ]
    for cores in _core_counts(found):
        columns = [
            (job, name) for job in JOBS for name in JOBS[job] if _cell(found, name, job, cores)
        ]
        lines += [*_speed(found, columns, cores), ""]
    lines += [*_quality(found), "", *_kernels(found), "", *_reasons(found)]
    return "\n".join(lines).strip()


def aliased(row: Found) -> bool:
    return row.get("aliasing", 0.0) > ANTIALIASED


def _core_counts(found: Found) -> list[int]:
    return sorted({cell["cores"] for cell in found["cells"].values() if cell["job"] != "J3"})


def _cell(found: Found, name: str, job: str, cores: int) -> Found:
    cell: Found = found["cells"].get(f"{name}/{job}/{cores}", {})
    return cell


def _row(found: Found, name: str, job: str, cores: int, peer: Peer) -> Found:
    row: Found = _cell(found, name, job, cores).get("rows", {}).get(peer.name, {})
    return row


def _speed(found: Found, columns: list[tuple[str, str]], cores: int) -> list[str]:
    heads = [f"{job} {RECIPES[name].title}" for job, name in columns]
    title = "one core" if cores == 1 else f"{cores} cores"
    lines = [f"| {title} | {' | '.join(heads)} |", "|---" + "|---:" * len(heads) + "|"]
    for peer in FIELD:
        rows = [_row(found, name, job, cores, peer) for job, name in columns]
        if any("images_per_second" in row for row in rows):
            lines.append(f"| {_title(peer)} | {' | '.join(map(_rate, rows))} |")
    return lines


def _title(peer: Peer) -> str:
    return f"**{peer.title}**" if peer.name == OURS else peer.title


def _rate(row: Found) -> str:
    rate = row.get("images_per_second")
    if rate is None:
        return "-" if "cannot" in row else ""
    told = f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"
    if "pixelmill_is_times" not in row:
        return f"**{told}**"
    return f"{told}{'†' if aliased(row) else ''} ({row['pixelmill_is_times']:.2f}x)"


def _quality(found: Found) -> list[str]:
    """J1 by one core: fidelity for each set, and what a process takes."""
    sets = [name for name in JOBS["J1"] if _cell(found, name, "J1", 1)]
    heads = [f"PSNR {RECIPES[name].title}, dB" for name in sets]
    lines = [
        f"| J1, one core | {' | '.join(heads)} | left of a zone plate | chroma | first shard, s "
        "| peak memory, MB |",
        "|---" + "|---:" * (len(heads) + 4) + "|",
    ]
    for peer in FIELD:
        rows = [_row(found, name, "J1", 1, peer) for name in sets]
        first = next((row for row in rows if "psnr_db" in row), None)
        if first is None or peer.name in FLOORS:
            continue
        psnr = [f"{row['psnr_db']:.1f}" if "psnr_db" in row else "" for row in rows]
        lines.append(
            f"| {_title(peer)} | {' | '.join(psnr)} | {first['aliasing']:.0%}"
            f"{'†' if aliased(first) else ''} | {first['chroma']} | "
            f"{first['first_output_seconds']:.1f} | {first['peak_mb']:,} |"
        )
    return lines if sets else []


def _kernels(found: Found) -> list[str]:
    """J3: microseconds of pixelmill, and how many times as long the others take."""
    sets = [name for name in RECIPES if name != SMALL and _cell(found, name, "J3", 1)]
    heads = [f"{kernel} {RECIPES[name].title}" for name in sets for kernel in KERNELS[:1]]
    heads += [f"{kernel} {RECIPES[name].title}" for name in sets[:1] for kernel in KERNELS[1:]]
    places = [(name, "resize") for name in sets] + [(n, k) for n in sets[:1] for k in KERNELS[1:]]
    lines = [f"| J3, one core | {' | '.join(heads)} |", "|---" + "|---:" * len(heads) + "|"]
    for peer in FIELD:
        rows = {name: _row(found, name, "J3", 1, peer) for name in sets}
        if any("microseconds" in row for row in rows.values()):
            cells = [_took(rows[name], kernel) for name, kernel in places]
            lines.append(f"| {_title(peer)} | {' | '.join(cells)} |")
    return lines if sets else []


def _took(row: Found, kernel: str) -> str:
    took = row.get("microseconds", {}).get(kernel)
    if took is None or isinstance(took, str):
        return "" if took is None else "-"
    ratio = row.get("times_pixelmill", {}).get(kernel)
    return f"**{took:,.0f} µs**" if ratio is None else f"{ratio:.2f}x"


def _reasons(found: Found) -> list[str]:
    """Why there is a dash, once for each peer and reason."""
    told: dict[tuple[str, str], list[str]] = {}
    for cell in found["cells"].values():
        for peer in FIELD:
            row = cell["rows"].get(peer.name, {})
            where = cell["job"] + ("" if cell["cores"] == 1 else f" on {cell['cores']} cores")
            for reason in _reasons_of(row):
                places = told.setdefault((peer.title, reason), [])
                if where not in places:
                    places.append(where)
    return [
        f"- {title}, {' and '.join(places)}: {reason}." for (title, reason), places in told.items()
    ]


def _reasons_of(row: Found) -> list[str]:
    words = [f"{k} {v}" for k, v in row.get("microseconds", {}).items() if isinstance(v, str)]
    return [*([row["cannot"]] if "cannot" in row else []), *words]
