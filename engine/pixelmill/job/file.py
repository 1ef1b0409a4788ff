"""Files: a job read from YAML, with the line of every mistake, and written back whole."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pixelmill.errors import JobError
from pixelmill.job.mistakes import Place, dotted, mistakes_of
from pixelmill.job.model import Job
from pixelmill.storage.urls import masked


def read_job(path: str | Path, changes: Mapping[str, Any] | None = None) -> Job:
    """The job of a YAML (or JSON) file; `changes` maps places ("decode.color") to new values."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise JobError(
            [f"{path}: there is no such job file; `pixelmill init` writes one"]
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise JobError([f"{path}: cannot be read as a UTF-8 text ({error})"]) from error
    return parse_job(text, str(path), changes)


def parse_job(text: str, name: str = "job.yaml", changes: Mapping[str, Any] | None = None) -> Job:
    """The job of a YAML text; JobError tells every mistake with its line."""
    try:
        data = yaml.safe_load(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or error
        raise JobError([f"{name}{line}: not a YAML text: {problem}"]) from error
    if not isinstance(data, dict):
        raise JobError([f"{name}: expected `source:`, `output:` ..., got {type(data).__name__}"])
    data.pop("pixelmill", None)  # what a finished job's own job.yaml says about itself
    changed = changes or {}
    for place, value in changed.items():
        put(data, place, value)
    return job_from(data, lambda place: _before(name, root, place, changed))


def job_from(data: Mapping[str, Any], where: Any = None) -> Job:
    """The job of plain values, or JobError with every mistake."""
    try:
        return Job.model_validate(data)
    except ValidationError as error:
        raise JobError(mistakes_of(error, Job, where)) from error


def put(data: dict[str, Any], place: str, value: Any) -> None:
    """Set `a.b.0.c` in nested dicts and lists, making on the way what is not there."""
    path = place.replace("[", ".").replace("]", "").split(".")
    spot: Any = data
    for part, after in pairwise(path):
        if isinstance(spot, list):
            spot = _element(spot, part, place)
        else:
            inner = spot.get(part)
            if not isinstance(inner, dict | list):
                inner = spot[part] = [{}] if after == "0" else {}
            spot = inner
    if isinstance(spot, list):
        _element(spot, path[-1], place)
        spot[int(path[-1])] = value
    else:
        spot[path[-1]] = value


def _element(spot: list[Any], part: str, place: str) -> Any:
    if not part.isdigit() or int(part) >= len(spot):
        raise JobError([f"{place}: {part!r} is no element of a list of {len(spot)}"])
    return spot[int(part)]


def write_job(job: Job, about: Mapping[str, Any]) -> str:
    """The resolved job as YAML, opened by what `about` says of versions and fingerprint."""
    data = {"pixelmill": dict(about), **job.model_dump(mode="json")}
    # Whoever may read an output is not to have what opens its inputs.
    data["source"]["urls"] = [masked(url) for url in job.source.urls]
    if job.source.labels:
        told = data["source"]["labels"]
        told |= {word: masked(told[word]) for word in job.source.labels.urls if word in told}
    data["output"] = masked(job.output)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def _before(name: str, root: Any, place: Place, changes: Mapping[str, Any]) -> str:
    if dotted(place) in changes:
        return "command line: "
    return f"{name} line {_line(root, place)}: "


def _line(node: Any, place: Place) -> int:
    """The line of the node at a place, or of the nearest one above it that was written."""
    line = node.start_mark.line + 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == str(part)), None)
            if pair is None:
                return int(line)
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return int(line)
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return int(line)
    return int(line)
