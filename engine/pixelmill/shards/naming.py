"""Naming: WebDataset's rule that splits a member's name into key and field."""

import re

__all__ = ["is_meta", "key_and_field", "unsafe"]

# Both patterns are those of webdataset 1.0.2 (tariterators.py), letter for letter.
_NAME = re.compile(r"^((?:.*/|)[^.]+)[.]([^/]*)$")
_META = re.compile(r"__[^/]*__($|/)")


def key_and_field(name: str) -> tuple[str, str] | None:
    """The key (up to the first dot of the last part) and the field (the rest, lower case).

    None for a name that belongs to no sample: one without a dot, or a hidden one at the top.
    """
    start = name.rfind("/") + 1
    dot = name.find(".", start)
    if dot > start and "\n" not in name:  # the pattern's answer for nearly every name, 5x faster
        return name[:dot], name[dot + 1 :].lower()
    match = _NAME.match(name)
    return (match.group(1), match.group(2).lower()) if match else None


def is_meta(name: str) -> bool:
    """Whether WebDataset leaves the member out as a note about the shard (`__like_this__`)."""
    return name.startswith("__") and _META.match(name) is not None


def unsafe(name: str) -> bool:
    """Whether unpacking the member could write outside its folder, or nowhere at all."""
    return name.startswith("/") or "\0" in name or (".." in name and ".." in name.split("/"))
