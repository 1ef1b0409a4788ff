"""States: 1, 0, -1 and blank of a finding, which are four different things."""

from pixelmill.errors import SampleError
from pixelmill.labels.record import MISSING, NEGATIVE, POSITIVE, UNCERTAIN

_STATES = {
    "1": POSITIVE,
    "1.0": POSITIVE,
    "true": POSITIVE,
    "yes": POSITIVE,
    "0": NEGATIVE,
    "0.0": NEGATIVE,
    "false": NEGATIVE,
    "no": NEGATIVE,
    "-1": UNCERTAIN,
    "-1.0": UNCERTAIN,
    "": MISSING,
    "nan": MISSING,
}


def state(text: str, key: str, column: str) -> int:
    """The state that a value stands for; SampleError where it stands for none."""
    found = _STATES.get(text.strip().lower())
    if found is None:
        raise SampleError(
            f"{key}: expected 1, 0, -1 or nothing in {column!r}, got {text!r}; correct the table",
            "unknown_state",
        )
    return found
