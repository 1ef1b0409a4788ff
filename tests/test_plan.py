import pytest

from pixelmill import Job
from pixelmill.errors import JobError
from pixelmill.plan import differences, fingerprint, make_plan


def job(photos, **more):
    return Job(**{"source": photos, "output": "out", **more})


def test_a_plan_is_the_same_every_time(photos):
    assert make_plan(job(photos)) == make_plan(job(photos))


def test_what_does_not_shape_the_bytes_does_not_change_the_fingerprint(photos):
    first = make_plan(job(photos)).fingerprint
    for more in (
        {"output": "elsewhere"},
        {"max_failures": 7},
        {"executor": {"kind": "ray", "workers": 9}},
    ):
        assert make_plan(job(photos, **more)).fingerprint == first


def test_what_shapes_the_bytes_changes_the_fingerprint(photos):
    found = {make_plan(job(photos)).fingerprint}
    for more in (
        {"seed": 1},
        {"transforms": [{"resize": 10}]},
        {"decode": {"scale": "exact"}},
        {"outputs": [{"image": {"quality": 91}}]},
        {"source": {"urls": photos, "per_task": 2}},
        {"source": photos[:2]},
    ):
        found.add(make_plan(job(photos, **more)).fingerprint)
    assert len(found) == 7


def test_tasks_take_so_many_shards_each(photos):
    plan = make_plan(job(photos, source={"urls": photos, "per_task": 2}))
    assert [len(task.parts) for task in plan.tasks] == [2, 1]
    assert [task.id for task in plan.tasks] == ["000000", "000001"]


def test_an_input_of_another_size_or_stamp_changes_the_fingerprint(photos):
    from dataclasses import replace

    plan = make_plan(job(photos))
    parts = [part for task in plan.tasks for part in task.parts]
    for change in ({"size": 1}, {"stamp": "later"}, {"url": "other.tar"}):
        changed = [replace(parts[0], **change), *parts[1:]]
        assert fingerprint(job(photos), changed) != plan.fingerprint


def test_a_source_of_nothing_is_a_mistake_of_the_job(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(JobError, match="found nothing"):
        make_plan(job([str(tmp_path / "empty")]))


def test_differences_name_the_place_and_both_values():
    before = {"a": 1, "b": [{"c": 2}, {"d": 3}], "e": "x"}
    after = {"a": 1, "b": [{"c": 2}, {"d": 4}], "f": "y"}
    assert list(differences(before, after)) == [
        "b[1].d: 3 before, 4 now",
        'e: "x" before, null now',
        'f: null before, "y" now',
    ]
