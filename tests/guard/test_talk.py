"""What a guard and its child tell each other arrives as it was."""

import pytest

from pixelmill.guard.talk import (
    packed_outcome,
    packed_sample,
    unpacked,
    unpacked_outcome,
    unpacked_sample,
)
from pixelmill.journey import Outcome, Written
from pixelmill.sample import Drop, Failure, Sample


def test_a_sample_is_the_same_at_the_other_end():
    sample = Sample("a\udc80/ä", {"jpg": b"\x00\xff", "cls": b""}, "s3://b/x.tar", "jpg", (3, 4))
    assert unpacked_sample(packed_sample(sample)) == sample


@pytest.mark.parametrize(
    "what",
    [
        Drop("too_small", {"side": 3}),
        Failure("k", {"jpg": b"x"}, "undecodable", "why", "w"),
        Written({"a": Sample("k", {"jpg": b"1"}, "w"), "b": Sample("k", {"png": b"", "c": b"2"})}),
    ],
)
def test_an_outcome_is_the_same_at_the_other_end(what):
    outcome = Outcome(what, ("scaled_decode",))
    outcome.clock.seconds["decode"] = 0.25
    told = unpacked_outcome(*unpacked(packed_outcome(outcome)), Sample("k", {"jpg": b"x"}, "w"))
    assert told.what == what
    assert told.notes == outcome.notes
    assert told.clock.seconds == outcome.clock.seconds
