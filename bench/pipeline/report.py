"""The pipeline's figures in bench/results, as the tables of README.md.

python -m bench.pipeline.report
"""

import json
from pathlib import Path
from typing import Any

from bench.marked import place
from bench.pipeline.facts import RESULTS

README = Path(__file__).parents[2] / "README.md"
SETS = {
    "imagenet": "ImageNet-sized",
    "web": "web-sized",
    "camera": "12 megapixels",
    "camera-fine": "12 megapixels, finest",
}
ROWS = {
    "codec floor": "codec floor: decode and encode alone",
    "codec floor, scaled decode": "the same, decoding at 1/2, 1/4, 1/8",
    "pixelmill": "**pixelmill**",
    "pixelmill, decode.scale exact": "pixelmill, `decode.scale: exact`",
    "webdataset + Pillow": "webdataset + Pillow",
    "webdataset + Pillow with draft": "webdataset + Pillow with `draft`",
    "webdataset + OpenCV INTER_AREA": "webdataset + OpenCV `INTER_AREA`",
}


def main() -> None:
    place(README, figures())


def figures() -> str:
    """Everything that stands between the marks."""
    found = {name: _result(f"pipeline-{name}") for name in SETS}
    machine = found["imagenet"]["machine"]
    start, scale = _result("pipeline-start"), _result("scale-workers")
    quality = _result("pipeline-fidelity")["psnr_db"]
    lines = [
        f"Measured on one core of an {machine['processor']} ({machine['simd']}), Python "
        f"{machine['python']}, in images/s; the rivals take turns with pixelmill in one run.",
        "",
        *_speed(found),
        "",
        *_facts(found, start, scale, quality),
    ]
    return "\n".join(lines)


def _speed(found: dict[str, dict[str, Any]]) -> list[str]:
    heads = [
        f"{title}, {found[name]['images']['bytes'] / 1000:,.0f} kB" for name, title in SETS.items()
    ]
    lines = [f"| | {' | '.join(heads)} |", "|---" + "|---:" * len(heads) + "|"]
    for row, title in ROWS.items():
        cells = [_cell(found[name], row) for name in SETS]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return lines


def _cell(result: dict[str, Any], row: str) -> str:
    rate = result["images_per_second"].get(row)
    if rate is None:
        return ""
    told = f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"
    if row == "pixelmill":
        return f"**{told}**"
    return f"{told} ({result['pixelmill_is_times'][row]:.2f}x)"


def _facts(
    found: dict[str, dict[str, Any]],
    start: dict[str, Any],
    scale: dict[str, Any],
    quality: dict[str, dict[str, float]],
) -> list[str]:
    warm = sorted(start["first_shard_seconds"]["warm"])
    peak = max(start["peak_rss_bytes_by_workers"].values()) / 1e6
    camera = quality["camera"]
    return [
        "In brackets, how many times as fast pixelmill is in that row's rounds.",
        "",
        f"- Two workers against one: {scale['two_are_times_one']['inline']:.2f}x as threads, "
        f"{scale['two_are_times_one']['ray']:.2f}x as Ray workers.",
        f"- First shard {warm[len(warm) // 2]:.1f} s after the command, "
        f"{start['first_shard_seconds']['cold']:.1f} s where kernels are compiled first.",
        f"- Peak memory over shards of {start['largest_input_shard_bytes'] / 1e6:,.0f} MB: "
        f"{peak:,.0f} MB.",
        "- What the scaled decode of 12 megapixels costs: "
        f"{camera['at least twice the target']:.1f} dB against the float64 formula instead of "
        f"{camera['full decode']:.1f} dB; `decode.scale: exact` turns it off.",
    ]


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main()
