"""Note: what a run at some pace, or one of its sides, puts on the sheet."""

from pixelmill.clock import STEPS, WAITS, shares
from pixelmill.measure.figures import Sheet
from pixelmill.measure.floor import CodecFloor, Codecs
from pixelmill.measure.pace import Pace
from pixelmill.measure.pinning import pinned
from pixelmill.measure.sides import Spent

_THOUSAND = "s / 1,000 images"
# Which bytes a step is measured by.
_READ_BYTES, _WRITTEN_BYTES = ("read", "decode"), ("encode", "write")


def on(workers: int) -> str:
    """What work on so many cores is called in the figures' names."""
    return "one core" if workers == 1 else f"{workers} cores"


def note_pace(sheet: Sheet, name: str, workers: int, pace: Pace) -> None:
    group = f"{name}, {on(workers)}"
    sheet.note(group, "images", pace.rate, "images/s")
    sheet.note(group, "in", pace.bytes_read / pace.seconds / 1e6, "MB/s")
    sheet.note(group, "out", pace.bytes_written / pace.seconds / 1e6, "MB/s")
    sheet.note(group, "CPU", 1000 * pace.cpu / pace.images, _THOUSAND, "less")
    sheet.note(group, "peak memory of this process", pace.peak_rss / 1e6, "MB", "less")
    idle = shares(pace.steps, workers * pace.seconds)["waiting"]
    sheet.note(group, "idle", 100 * idle, "% of cores", "less")
    for wait in WAITS:
        spent = 1000 * pace.steps.get(wait, 0.0) / pace.images
        sheet.note(group, f"{wait}, beside the work", spent, _THOUSAND, "less")


def note_steps(sheet: Sheet, name: str, pace: Pace) -> None:
    """Each step of a run with one worker: what it takes, and what it would do alone."""
    for step in STEPS:
        spent = pace.steps.get(step, 0.0)
        if spent < 1e-6 * pace.images or step == "compile":
            continue
        group = f"step {step} of {name}"
        sheet.note(group, "images", pace.images / spent, "images/s")
        size = pace.bytes_read if step in _READ_BYTES else pace.bytes_written
        if step in (*_READ_BYTES, *_WRITTEN_BYTES):
            sheet.note(group, "in" if step in _READ_BYTES else "out", size / spent / 1e6, "MB/s")
        sheet.note(group, "time", 1000 * spent / pace.images, _THOUSAND, "less")


def note_floor(sheet: Sheet, name: str, floor: CodecFloor) -> Codecs:
    """Decode and encode alone, on one core."""
    with pinned(1):
        spent = floor.spent()
    group = f"codec floor of {name}"
    sheet.note(group, "images", floor.images / (spent.decode + spent.encode), "images/s")
    if floor.pixels:
        sheet.note(group, "decode", floor.images / spent.decode, "images/s")
        pixels = floor.pixels / spent.decode / 1e6
        sheet.note(group, "decode, pixels at full scale", pixels, "MP/s")
    if spent.encode:
        sheet.note(group, "encode", floor.images / spent.encode, "images/s")
    sheet.note(group, "CPU", 1000 * spent.cpu / floor.images, _THOUSAND, "less")
    return spent


def note_efficiency(sheet: Sheet, group: str, pace: Pace, floor: Codecs, images: int) -> None:
    """A run against its codecs alone, in throughput, and in CPU time, which no other program takes.

    `images` are those of the floor.
    """
    rate = images / (floor.decode + floor.encode)
    sheet.note(group, "efficiency", 100 * pace.rate / rate, "% of the floor")
    share = floor.cpu / images / (pace.cpu / pace.images)
    sheet.note(group, "efficiency, by CPU time", 100 * share, "% of it")


def note_side(sheet: Sheet, side: str, workers: int, spent: Spent) -> None:
    if not spent.images:  # a job that drops everything writes nothing
        return
    group = f"{side} alone, {on(workers)}"
    sheet.note(group, "images", spent.images / spent.seconds, "images/s")
    sheet.note(group, "bytes", spent.bytes / spent.seconds / 1e6, "MB/s")
    sheet.note(group, "CPU", 1000 * spent.cpu / spent.images, _THOUSAND, "less")
