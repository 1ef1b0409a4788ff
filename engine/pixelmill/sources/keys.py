"""Keys: from a file's name or a column's value to a key that survives every reader of tars."""

import re

from pixelmill.shards.naming import is_meta

# Control characters end a tar header's name or a line of an index.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe_key(name: str) -> str:
    """`name` as a key: its folders kept, dots of the last component replaced by underscores.

    The first dot of a member's basename ends its key, so a key has none there.  "", "." and ".."
    components are left out: no reader may be led outside its folder.  Nor does a key begin with a
    folder `__like_this__`, which WebDataset passes over.  May return "".
    """
    components = [
        part for part in _CONTROL.sub("_", name).split("/") if part not in ("", ".", "..")
    ]
    if components:
        components[-1] = components[-1].replace(".", "_")
    key = "/".join(components)
    return key.lstrip("_") if is_meta(key) else key


def safe_field(name: str) -> str:
    """A column's name as a field: in lower case and without a slash, as every reader takes it."""
    return _CONTROL.sub("_", name).replace("/", "_").lower()
