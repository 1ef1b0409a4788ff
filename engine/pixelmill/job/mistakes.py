"""Mistakes: every fault of a job as one sentence: its place, what was expected, the mend."""

import dataclasses
import typing
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, Tag, ValidationError

from pixelmill.job.words import said, unknown_option

Place = Sequence[str | int]


def mistakes_of(
    error: ValidationError, model: type[BaseModel], where: Callable[[Place], str] | None = None
) -> list[str]:
    """One line a mistake; `where` says what stands before a place, such as a file and a line."""
    found: dict[tuple[str | int, ...], list[str]] = {}
    for entry in error.errors():
        for place, told in _told(entry, model):
            found.setdefault(tuple(place), []).append(told)
    lines = []
    for at, said_there in found.items():
        before = (where(at) if where else "") + (f"{dotted(at)}: " if at else "")
        lines += [before + told for told in either(said_there)]
    return lines


def either(told: Sequence[str]) -> list[str]:
    """What the branches of a union said of one place, as one sentence."""
    several = [words for words in dict.fromkeys(told) if words.startswith("expected ")]
    if len(several) < 2:
        return list(dict.fromkeys(told))
    got = several[0].rpartition(", got ")[2]
    wanted = [words.removeprefix("expected ").rpartition(", got ")[0] for words in several]
    rest = [words for words in dict.fromkeys(told) if words not in several]
    return [f"expected {' or '.join(wanted)}, got {got}", *rest]


def dotted(place: Place) -> str:
    """("outputs", 0, "image") -> "outputs[0].image"."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _told(entry: Any, model: type[BaseModel]) -> list[tuple[list[str | int], str]]:
    place = _as_written(entry["loc"])
    kind, context = entry["type"], entry.get("ctx", {})
    if kind == "step" and "mistakes" in context:
        return [([*place, *_as_written(at)], told) for at, told in context["mistakes"]]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        *around, word = entry["loc"]  # the user's own word, though it may look like a branch
        known = known_at(model, around)
        return [([*_as_written(around), word], unknown_option(str(word), known))]
    return [(place, said(entry))]


def _as_written(place: Place) -> list[str | int]:
    return [part for part in place if not _is_branch(part)]


def _is_branch(part: str | int) -> bool:
    """Pydantic names the branch of a union in a place; the user wrote no such word."""
    return isinstance(part, str) and (
        part in ("int", "float", "constrained-int", "constrained-float", "str", "none")
        or "[" in part
    )


def known_at(model: type[BaseModel], place: Place) -> list[str]:
    """The options that may stand at a place of the model, which may name the branch of a union."""
    found: Any = model
    inside: Any = None
    for part in place:
        if isinstance(part, str) and _is_branch(part):
            found = _tagged(inside, part) or found
        elif isinstance(part, str):
            inside = _annotations(found).get(part)
            found = _nested(inside) or found
    return sorted(_annotations(found))


def _annotations(cls: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(cls):
        return {f.name: f.type for f in dataclasses.fields(cls)}
    return {name: info.annotation for name, info in cls.model_fields.items()}


def _tagged(annotation: Any, tag: str) -> Any:
    """The model of the union's branch with this tag."""
    if Tag(tag) in getattr(annotation, "__metadata__", ()):
        return _nested(annotation)
    inner = (_tagged(one, tag) for one in typing.get_args(annotation))
    return next(filter(None, inner), None)


def _nested(annotation: Any) -> Any:
    """The model inside `list[Output]`, `Shards | None` and the like."""
    if isinstance(annotation, type) and (
        issubclass(annotation, BaseModel) or dataclasses.is_dataclass(annotation)
    ):
        return annotation
    for inner in typing.get_args(annotation):
        if found := _nested(inner):
            return found
    return None
