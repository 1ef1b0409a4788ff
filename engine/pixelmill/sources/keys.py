"""Keys: from a file's name or a column's value to a key that survives every reader of tars."""

import re

# Control characters end a tar header's name or a line of an index.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe_key(name: str) -> str:
    """`name` as a key: its folders kept, dots of the last component replaced by underscores.

    The first dot of a member's basename ends its key, so a key has none there.  "", "." and ".."
    components are left out: no reader may be led outside its folder.  May return "".
    """
    components = [
        part for part in _CONTROL.sub("_", name).split("/") if part not in ("", ".", "..")
    ]
    if components:
        components[-1] = components[-1].replace(".", "_")
    return "/".join(components)
