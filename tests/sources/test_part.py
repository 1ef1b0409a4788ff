import json
import pickle
from dataclasses import asdict

from pixelmill.sources import Part

PART = Part("photos", 10, "s", 0, 2, ("a/x.jpg", "b/y.jpg"), (("a", 0), ("b", 1)))


def test_a_part_is_the_same_after_json_and_pickle():
    assert Part(**json.loads(json.dumps(asdict(PART)))) == PART
    assert pickle.loads(pickle.dumps(PART)) == PART
    assert hash(Part(**asdict(PART))) == hash(PART)
