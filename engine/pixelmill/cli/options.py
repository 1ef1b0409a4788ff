"""Options: how `run` and `plan` say a job; on the line, or as changes to a job file."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import yaml

from pixelmill.errors import JobError
from pixelmill.job import Job, put, read_job
from pixelmill.job.mistakes import dotted

_STEPS = ("min_size", "resize", "crop", "normalize")
_PLACES = {
    "color": "decode.color",
    "orientation": "decode.orientation",
    "max_pixels": "decode.max_pixels",
    "scale": "decode.scale",
    "seed": "seed",
    "shuffle": "shuffle",
    "max_failures": "max_failures",
    "executor": "executor.kind",
    "workers": "executor.workers",
    "ray_address": "executor.ray_address",
}
_OUTPUT_PLACES = {
    "output_format": "format",
    "image": "image.format",
    "quality": "image.quality",
    "samples_per_shard": "shards.samples",
    "shard_bytes": "shards.bytes",
    "equal": "shards.equal",
}

_OPTIONS = (
    click.option("--min-size", metavar="PIXELS", help="Drop images whose shorter side is below."),
    click.option("--resize", metavar="PIXELS", help="Scale the shorter side to this."),
    click.option(
        "--filter", metavar="NAME", help="Of --resize: bicubic, bilinear, lanczos, box ..."
    ),
    click.option("--crop", metavar="PIXELS", help="Cut this square from the middle."),
    click.option("--normalize", metavar="PRESET", help="imagenet, clip, unit or signed; with npy."),
    click.option("--image", metavar="FORMAT", help="jpeg, png, webp, npy or keep."),
    click.option("--quality", metavar="1..100", help="Of JPEG and WebP."),
    click.option("--output-format", metavar="FORMAT", help="webdataset or parquet."),
    click.option("--samples-per-shard", metavar="N", help="Begin a new output shard after N."),
    click.option("--shard-bytes", metavar="SIZE", help="Begin a new one before SIZE, e.g. 256MB."),
    click.option(
        "--equal", is_flag=True, default=None, help="Cut across tasks: all but the last hold N."
    ),
    click.option("--shuffle", is_flag=True, default=None, help="All samples in one random order."),
    click.option("--color", metavar="MODE", help="rgb, gray or keep."),
    click.option("--orientation", metavar="HOW", help="EXIF's: apply or ignore."),
    click.option("--scale", metavar="HOW", help="JPEG decoding: auto, or exact for full scale."),
    click.option("--max-pixels", metavar="N", help="Larger images go to quarantine."),
    click.option("--max-failures", metavar="N", help="A count, or a fraction of the samples."),
    click.option("--seed", metavar="N", help="Of every random draw."),
    click.option("--workers", metavar="N", help="How many at once; default: the cores."),
    click.option("--executor", metavar="KIND", help="inline, ray or auto."),
    click.option("--ray", is_flag=True, help="The same as --executor ray."),
    click.option("--ray-address", metavar="ADDRESS", help="Of a running cluster; auto finds it."),
    click.option(
        "--set", "changes", multiple=True, metavar="PLACE=VALUE", help="Any place of a job."
    ),
)


def job_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and options that say a job."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.argument("what", nargs=-1, required=True, metavar="SOURCE... OUTPUT | JOB.yaml")(
        command
    )


def job_of(what: tuple[str, ...], options: dict[str, Any]) -> Job:
    """The job that a command line says; JobError tells every mistake."""
    changes = _changes(options)
    if what[0].endswith((".yaml", ".yml", ".json")) and len(what) <= 2:
        steps = [f"--{name.replace('_', '-')}" for name in _STEPS if options.get(name)]
        if steps:
            raise click.UsageError(
                f"{', '.join(steps)}: a job file has its own transforms; change them there or with "
                "--set transforms.0.resize.size=256"
            )
        if len(what) == 2:
            changes["output"] = what[1]
        return _read(what[0], _spread(what[0], changes, options))
    if len(what) == 1:
        raise click.UsageError(
            f"expected SOURCE... OUTPUT or a job file, got only {what[0]!r}; name the output folder"
        )
    data: dict[str, Any] = {"source": {"urls": list(what[:-1])}, "output": what[-1]}
    data["transforms"] = _steps(options)
    data["outputs"] = [{}]
    for place, value in {**changes, **_for_outputs(1, options)}.items():
        put(data, place, value)
    return _parsed(data, options)


def _read(path: str, changes: dict[str, Any]) -> Job:
    from pixelmill.plan import source_mistakes

    try:
        return read_job(path, changes)
    except JobError as error:
        source = _plain(path).get("source")
        raise JobError([*error.mistakes, *(source_mistakes(source) if source else ())]) from error


def _plain(path: str) -> dict[str, Any]:
    """What a job file says, as far as it can be read; read_job tells what is wrong with it."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return data if isinstance(data, dict) else {}


def _parsed(data: dict[str, Any], options: dict[str, Any]) -> Job:
    from pixelmill.job import job_from
    from pixelmill.plan import source_mistakes

    try:
        return job_from(data, lambda place: _said_by(dotted(place), options))
    except JobError as error:
        raise JobError([*error.mistakes, *source_mistakes(data["source"])]) from error


def _said_by(place: str, options: dict[str, Any]) -> str:
    """The option that put a value in its place."""
    if any(change.partition("=")[0] == place for change in options.get("changes", ())):
        return "--set: "
    known = {**_PLACES, **{name: f"outputs[0].{at}" for name, at in _OUTPUT_PLACES.items()}}
    for name, at in known.items():
        if at == place and options.get(name) is not None:
            return f"--{name.replace('_', '-')}: "
    for name in _STEPS:
        if options.get(name) is not None and f".{name.replace('crop', 'center_crop')}" in place:
            return f"--{name.replace('_', '-')}: "
    return ""


def _spread(path: str, changes: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The changes, with those of an output made for every output of the file."""
    outputs = _plain(path).get("outputs")
    count = len(outputs) if isinstance(outputs, list) and outputs else 1
    return {**changes, **_for_outputs(count, options)}


def _for_outputs(count: int, options: dict[str, Any]) -> dict[str, Any]:
    return {
        f"outputs.{index}.{place}": plain_value(options[name])
        for index in range(count)
        for name, place in _OUTPUT_PLACES.items()
        if options.get(name) is not None
    }


def _changes(options: dict[str, Any]) -> dict[str, Any]:
    found = {
        place: plain_value(options[name])
        for name, place in _PLACES.items()
        if options.get(name) is not None
    }
    if options.get("ray"):
        found["executor.kind"] = "ray"
    for change in options.get("changes", ()):
        place, equals, value = change.partition("=")
        if not equals:
            raise click.UsageError(f"--set {change}: expected PLACE=VALUE, e.g. decode.color=gray")
        found[place] = plain_value(value)
    return found


def _steps(options: dict[str, Any]) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    if options.get("min_size") is not None:
        steps.append({"min_size": plain_value(options["min_size"])})
    if options.get("resize") is not None:
        resize = {"size": plain_value(options["resize"])}
        if options.get("filter") is not None:
            resize["filter"] = options["filter"]
        steps.append({"resize": resize})
    elif options.get("filter") is not None:
        raise click.UsageError("--filter says how --resize scales; give --resize, too")
    if options.get("crop") is not None:
        steps.append({"center_crop": plain_value(options["crop"])})
    if options.get("normalize") is not None:
        steps.append({"normalize": options["normalize"]})
    return steps


def plain_value(text: Any) -> Any:
    """As YAML reads it: 256 is a number, [224, 224] a list, rgb a word."""
    try:
        return yaml.safe_load(text) if isinstance(text, str) else text
    except yaml.YAMLError:
        return text


def pairs(option: str, words: Iterable[str]) -> dict[str, Any]:
    """What SIDE=VALUE says, several times."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"{option} {word}: expected SIDE=VALUE")
        found[name] = plain_value(value)
    return found
