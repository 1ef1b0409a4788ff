import threading
import time

import numpy as np
import pytest
import simplejpeg

from pixelmill import Job
from pixelmill.clock import Clock
from pixelmill.journey import Outcome, Written
from pixelmill.lanes import in_order
from pixelmill.pipeline import Pipeline, tallied
from pixelmill.sample import Drop, Failure, Sample
from pixelmill.tally import Tally

OUTCOMES = [
    Outcome(Written({"train": Sample("a")})),
    Outcome(Drop("too_small")),
    Outcome(Failure("c", {}, "undecodable", "broken")),
    Outcome(Written({"train": Sample("d"), "small": Sample("d")}), notes=["gray_expanded"]),
]


def photo(key="a", **fields):
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    return Sample(key, {"jpg": simplejpeg.encode_jpeg(image, 90), **fields}, "in.tar")


def job(**facts):
    return Job(**{"source": "in.tar", "output": "out", **facts})


def test_the_tally_is_true_at_every_step():
    tally = Tally()
    for what in tallied(OUTCOMES, tally, Clock()):
        # what was handed out is not counted before the writer has come back for the next
        assert tally.read == tally.written + tally.dropped.total() + tally.quarantined.total() + 1
        assert not isinstance(what, Drop)
    assert tally.balances
    assert (tally.read, tally.written) == (4, 2)
    assert tally.outputs == {"train": 2, "small": 1}
    assert tally.notes == {"gray_expanded": 1}


def test_a_writer_that_raises_leaves_a_tally_that_does_not_balance():
    tally = Tally()
    written = tallied(OUTCOMES, tally, Clock())
    next(written)
    written.close()  # as where the writer raised: it never came back for the next
    assert not tally.balances


@pytest.mark.parametrize("lanes", [1, 2, 5])
def test_lanes_keep_the_order(lanes):
    def slowly(number):
        time.sleep(0.002 * (number % 3))
        return number

    assert list(in_order(slowly, range(30), lanes)) == list(range(30))


def test_lanes_take_few_values_ahead():
    taken = []
    values = (taken.append(number) or number for number in range(100))
    answers = in_order(lambda number: number, values, 2)
    next(answers)
    assert len(taken) <= 6
    answers.close()


def test_lanes_work_side_by_side():
    both = threading.Barrier(2, timeout=20)
    list(in_order(lambda _: both.wait(), range(2), 2))  # would time out, one after the other


def test_a_jpeg_that_is_large_enough_is_decoded_at_a_smaller_scale():
    image = np.random.default_rng(0).integers(0, 256, (800, 1200, 3), np.uint8)
    sample = Sample("a", {"jpg": simplejpeg.encode_jpeg(image, 90)}, "in.tar")
    steps = [{"resize": 100}]
    scaled = Pipeline(job(transforms=steps))(sample)
    exact = Pipeline(job(transforms=steps, decode={"scale": "exact"}))(sample)
    assert scaled.notes == ("scaled_decode",)
    assert exact.notes == ()
    pixels = [
        simplejpeg.decode_jpeg(outcome.what.samples["train"].fields["jpg"])
        for outcome in (scaled, exact)
    ]
    assert pixels[0].shape == pixels[1].shape == (100, 150, 3)


def test_where_the_image_is_comes_from_the_job_then_the_name_then_the_content():
    plain = photo()
    data = plain.fields["jpg"]
    assert isinstance(Pipeline(job())(plain).what, Written)
    by_content = Sample("a", {"txt": b"words", "bin": data}, "in.tar")
    assert Pipeline(job())(by_content).what.samples["train"].image_field == "bin"
    two = Sample("a", {"jpg": data, "small.jpg": data[:50]}, "in.tar")
    named = Pipeline(job(source={"urls": "in.tar", "image": "small.jpg"}))(two)
    assert named.what.reason == "undecodable"
    absent = Pipeline(job(source={"urls": "in.tar", "image": "png"}))(two)
    assert absent.what.reason == "no_image"
    assert "name its extension in `source.image`" in absent.what.message


def test_a_failure_holds_the_members_as_they_were_read():
    sample = Sample("a", {"jpg": b"\xff\xd8\xff broken", "cls": b"3"}, "in.tar")
    what = Pipeline(job())(sample).what
    assert isinstance(what, Failure)
    assert what.fields == sample.fields
    assert what.where == "in.tar"


def test_a_transform_that_raises_is_named_by_its_place(tmp_path, monkeypatch):
    (tmp_path / "rude.py").write_text(
        "class Rude:\n    def __call__(self, sample):\n        1 / 0\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    what = Pipeline(job(transforms=[{"resize": 50}, "rude:Rude"]))(photo()).what
    assert what.reason == "transform_failed"
    assert what.message == "transforms[1] rude:Rude: ZeroDivisionError: division by zero"
