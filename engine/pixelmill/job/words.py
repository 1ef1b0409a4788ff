"""Words: how one mistake is said; expected against got, and the nearest word that is known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def did_you_mean(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def unknown_option(name: str, known: list[str]) -> str:
    return f"unknown option{did_you_mean(name, known)} (known: {', '.join(known)})"


def said(entry: Any) -> str:
    """What one entry of pydantic's ValidationError.errors() says, in this project's words."""
    kind, context, got = entry["type"], entry.get("ctx", {}), entry["input"]
    if kind == "missing":
        return "is required and missing"
    if kind == "literal_error":
        words = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"expected {context['expected']}, got {got!r}{did_you_mean(str(got), words)}"
    if kind in ("step", "value_error"):
        return str(context.get("message") or context.get("error") or entry["msg"])
    message = str(entry["msg"]).replace("Input should be", "expected")
    return f"{message[:1].lower()}{message[1:]}, got {got!r}"
