"""Each protection taken out: what the tests of `test_kills.py` look at is then seen to be wrong."""

import pytest
from lives import Damage, Torture

# The protection that is missing, the death that needs it, and what is seen then.
SEEN = [
    ("done_again", "record.there:2", r"were committed, and done again"),
    ("not_swept", "task.sample:5", r"pixelmill-tmp-.* are left"),
    ("seen_before_whole", "file.synced:4", r"is there, and not as it must be"),
    ("recorded_first", "shard.put:1", r"is committed, and \['.*\.tar'\] are not there"),
    ("claimed_too_early", "begin.inputs:1", r"status: .*inputs\.json.* nothing is there"),
    ("exchange_left", "manifest.there:1", r"exchange'\)\] are left"),
]


@pytest.mark.parametrize(("sabotage", "place", "said"), SEEN)
def test_without_this_protection_the_damage_is_noticed(
    warm, inputs, quick_path, sabotage, place, said
):
    kind = "shuffled" if sabotage == "exchange_left" else "plain"
    job = Torture(warm, kind, inputs, quick_path)
    with pytest.raises(Damage, match=said):
        job.life([{"failpoint": f"{place}:kill"}], sabotage=sabotage)
    job.life([{"failpoint": f"{place}:kill"}])
