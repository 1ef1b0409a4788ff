"""Words: how one mistake is said; expected against got, and the nearest word that is known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

# Pydantic's kinds of mistakes, as a person says what was wanted instead.
_TYPES = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a word",
    "list_type": "a list",
    "tuple_type": "a list of numbers",
    "dataclass_type": "options",
    "dict_type": "options",
    "model_type": "options",
    "model_attributes_type": "options",
}


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
    if kind == "form":
        return f"{entry['msg']}, got {got.get('form')!r}" if isinstance(got, dict) else entry["msg"]
    if kind in ("step", "value_error"):
        return str(context.get("message") or context.get("error") or entry["msg"])
    if kind == "too_long":
        return f"expected at most {context['max_length']} numbers, got {got!r}"
    if kind in _TYPES:
        return f"expected {_TYPES[kind]}, got {got!r}"
    message = str(entry["msg"]).replace("Input should be", "expected")
    return f"{message[:1].lower()}{message[1:]}, got {got!r}"
