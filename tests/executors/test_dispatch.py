"""Who runs what: told the time and what happened, no Ray and no clock needed."""

import pytest

from pixelmill.errors import TaskFailed
from pixelmill.executors.blame import ATTEMPTS
from pixelmill.executors.dispatch import Dispatch
from pixelmill.executors.progress import Progress
from pixelmill.executors.seat import Seat
from pixelmill.job import Stragglers
from pixelmill.ledger import Record
from pixelmill.plan import Task
from pixelmill.sources import Part
from pixelmill.tally import Tally

MB = 10**6


def task(number, size=MB):
    return Task(f"{number:06d}", (Part(f"in-{number}.tar", size, ""),))


def record(run, seconds):
    return Record(run.task.id, run.task.parts, Tally(), seconds={"decode": seconds})


def seat(node, room=2):
    return Seat(None, room, node, f"{node}:1", ready=True)


@pytest.fixture
def seats():
    return [seat("a"), seat("b")]


def dispatch(count, **more):
    return Dispatch([task(i) for i in range(count)], Stragglers(), **{"stall": 600, **more})


def done(todo, runs, seconds=1.0):
    for run in runs:
        todo.answered(run, record(run, seconds))


def seen(run, busy, now, step="work"):
    run.seen((step, int(now)), busy, Progress(), now)


def test_tasks_are_given_out_in_order_and_never_more_than_there_is_room_for(seats):
    todo = dispatch(10)
    runs = todo.hand_out(seats, 0)
    assert [run.task.id for run in runs] == ["000000", "000001", "000002", "000003"]
    assert [len(seat.runs) for seat in seats] == [2, 2]
    assert todo.hand_out(seats, 0) == []


def test_a_seat_that_waits_for_a_node_gets_nothing(seats):
    seats[0].ready = False
    assert {run.seat.node for run in dispatch(4).hand_out(seats, 0)} == {"b"}


def test_what_a_lost_node_had_comes_next_and_is_not_its_fault(seats):
    todo = dispatch(10)
    todo.hand_out(seats, 0)
    lost = [run.task.id for run in seats[0].runs]
    assert todo.lost(seats[0].runs, "with its node", ()) == []
    seats[0].dead = True
    again = todo.hand_out([seats[1], seat("c")], 1)
    assert sorted(run.task.id for run in again) == lost
    assert not any(run.alone for run in again)


def test_a_task_that_loses_two_nodes_is_alone_on_the_third(seats):
    todo = dispatch(1)
    for number in range(2):
        (run,) = todo.hand_out([seat(f"n{number}")], number)
        assert not run.alone
        todo.lost([run], "with its node", ())
    (run,) = todo.hand_out([seat("n2")], 2)
    assert run.alone


def test_what_may_have_killed_its_worker_runs_alone_and_is_given_up_in_the_end():
    todo = dispatch(2)
    failed = []
    for attempt in range(ATTEMPTS):
        (place,) = [seat(f"n{attempt}")]
        runs = todo.hand_out([place], attempt)
        first = next(run for run in runs if run.task.id == "000000")
        if attempt:
            assert first.alone
            assert place.runs == [first]
        else:
            assert len(runs) == 2
            done(todo, [runs[1]])
        failed += todo.lost([first], "with a bang", [first])
    (said,) = failed
    assert isinstance(said, TaskFailed)
    assert "task 000000: its worker died 3 times, the last time with a bang" in str(said)
    assert todo.left == 0


def test_a_suspect_waits_for_an_empty_seat_while_the_other_seat_goes_on(seats):
    todo = dispatch(8)
    runs = todo.hand_out(seats, 0)
    todo.lost([runs[0]], "with a bang", [runs[0]])
    seats[0].runs.clear()
    busy = [run for run in runs if run.seat is seats[1]]
    suspect, *others = todo.hand_out(seats, 1)
    assert suspect.alone
    assert suspect.seat is seats[0]
    assert others == []
    done(todo, busy[:1])
    assert [run.seat.node for run in todo.hand_out(seats, 2)] == ["b"]


@pytest.fixture
def late(seats):
    """Of eight tasks seven took a second; the last one is at it for 40 s, on node b."""
    todo = dispatch(8)
    while todo.waiting:
        runs = todo.hand_out(seats, 0)
        done(todo, [run for run in runs if run.task.id != "000007"])
    (slow,) = [run for place in seats for run in place.runs]
    seen(slow, 40.0, 40)
    return todo, slow, seats


def test_a_late_task_is_begun_again_on_another_node(late):
    todo, slow, seats = late
    ((twin, first),) = todo.second_runs(seats, 40)
    assert twin.task is slow.task
    assert twin.seat.node != slow.seat.node
    assert first is slow
    assert not slow.dismissed
    assert todo.second_runs([*seats, seat("c")], 41) == []  # not a third time


def test_the_first_of_two_runs_counts_and_the_other_is_dismissed(late):
    todo, slow, seats = late
    ((twin, _),) = todo.second_runs(seats, 40)
    answer, needless = todo.answered(twin, record(twin, 1.0))
    assert answer.task == "000007"
    assert needless == [slow]
    assert todo.left == 0
    assert todo.answered(slow, None) == (None, [])


def test_a_run_that_fails_leaves_it_to_its_twin(late):
    todo, slow, seats = late
    ((twin, _),) = todo.second_runs(seats, 40)
    assert todo.answered(slow, TaskFailed("the disk of node b is full")) == (None, [])
    assert todo.left == 1
    assert todo.answered(twin, record(twin, 1.0))[0] is not None


def test_a_run_that_is_lost_leaves_it_to_its_twin(late):
    todo, slow, seats = late
    ((twin, _),) = todo.second_runs(seats, 40)
    assert todo.lost([slow], "with its node", ()) == []
    assert todo.waiting == 0
    assert twin.seat.runs == [twin]


def test_no_task_is_late_while_others_wait_for_a_seat(seats):
    todo = dispatch(9)
    runs = todo.hand_out(seats, 0)
    done(todo, runs[1:])
    more = todo.hand_out(seats, 0)
    done(todo, more[:1])
    seen(runs[0], 400.0, 400)
    assert todo.waiting > 0
    assert todo.second_runs([*seats, seat("c")], 400) == []


def test_a_larger_task_may_take_longer(seats):
    todo = Dispatch([*map(task, range(6)), task(6, 30 * MB)], Stragglers(after=5), 600)
    while todo.waiting:
        done(todo, [run for run in todo.hand_out(seats, 0) if run.task.bytes == MB], 2.0)
    (large,) = [run for place in seats for run in place.runs]
    seen(large, 100.0, 100)  # 30 times the bytes: 60 s are to be expected, 180 allowed
    assert todo.second_runs(seats, 100) == []
    seen(large, 200.0, 200)
    assert len(todo.second_runs(seats, 200)) == 1


def test_a_task_that_waits_for_a_core_moves_to_a_seat_that_has_one(seats):
    todo = dispatch(8)
    while todo.waiting:
        runs = todo.hand_out(seats, 0)
        done(todo, [run for run in runs if run.task.id < "000006"], 10.0)
    first, second = [run for place in seats for run in place.runs]
    assert todo.second_runs(seats, 1) == []
    second.seat.runs.remove(second)
    first.seat.runs.append(second)
    second.seat = first.seat
    seen(second, 0.1, 1, "waiting")
    ((moved, needless),) = todo.second_runs(seats, 1)
    assert needless is second
    assert needless.dismissed
    assert moved.task is second.task
    assert todo.lost([moved], "with its node", ()) == []  # and it is not forgotten there
    assert todo.waiting == 1


def test_what_does_not_move_is_stuck_and_what_waits_for_a_core_is_not(seats):
    todo = dispatch(3, stall=100)
    working, waiting, idle = todo.hand_out(seats, 0)
    for now in range(0, 121, 20):
        working.seen(("work", 5), now, Progress(), now)
        waiting.seen(("waiting", 0), 0.0, Progress(), now)
        seen(idle, now, now)
    assert todo.stuck(119) == [working]


def test_what_may_be_a_nodes_fault_is_tried_once_on_another(seats):
    todo = dispatch(1)
    (run,) = todo.hand_out(seats, 0)
    failed = TaskFailed("task 000000: the disk is full", elsewhere=True)
    assert todo.answered(run, failed, lambda: {"a", "b"}) == (None, [])
    assert todo.hand_out([one for one in seats if one is run.seat], 1) != []  # no other is left
    todo = dispatch(1)
    (run,) = todo.hand_out(seats, 0)
    todo.answered(run, failed, lambda: {"a", "b"})
    (second,) = todo.hand_out(seats, 1)
    assert second.seat.node != run.seat.node
    assert todo.answered(second, failed, lambda: {"a", "b"})[0] is failed
    assert todo.left == 0


def test_a_node_that_is_busy_is_waited_for(seats):
    todo = dispatch(1)
    (run,) = todo.hand_out(seats, 0)
    todo.answered(run, TaskFailed("full", elsewhere=True), lambda: {"a", "b"})
    (other,) = [one for one in seats if one is not run.seat]
    other.room = 0
    assert todo.hand_out(seats, 1) == []
    assert todo.waiting == 1
    other.room = 1
    assert [again.seat for again in todo.hand_out(seats, 2)] == [other]


def test_the_busy_node_is_waited_for_where_only_free_seats_are_looked_through(seats):
    todo = dispatch(1)
    (run,) = todo.hand_out(seats, 0)
    todo.answered(run, TaskFailed("full", elsewhere=True), lambda: {"a", "b"})
    assert todo.hand_out([run.seat], 1, lambda: {"a", "b"}) == []
    assert len(todo.hand_out([run.seat], 1, lambda: {run.seat.node})) == 1


def test_who_has_seats_is_asked_only_for_what_may_go_elsewhere(seats):
    """There may be 30,000 of them, and 100,000 answers."""
    todo, asked = dispatch(2), []

    def nodes():
        asked.append(1)
        return {"a", "b"}

    first, second = todo.hand_out(seats, 0, nodes)
    todo.answered(first, record(first, 1.0), nodes)
    assert asked == []
    todo.answered(second, TaskFailed("full", elsewhere=True), nodes)
    assert asked == [1]


@pytest.mark.parametrize(("elsewhere", "nodes"), [(False, {"a", "b"}), (True, {"a"})])
def test_a_fault_of_the_input_or_of_the_only_node_is_final(elsewhere, nodes):
    todo = dispatch(1)
    (run,) = todo.hand_out([seat("a")], 0)
    failed = TaskFailed("nothing is there", elsewhere)
    assert todo.answered(run, failed, lambda: nodes) == (failed, [])


def test_a_guarded_run_is_not_begun_a_second_time(seats):
    """That one would not be guarded, and die."""
    todo = dispatch(4)
    runs = todo.hand_out(seats, 0)
    suspect = runs[0]
    done(todo, runs[1:])
    todo.lost([suspect], "with a bang", [suspect])
    (again,) = todo.hand_out(seats, 1)
    assert again.alone
    seen(again, 1000.0, 1001)
    assert todo.second_runs(seats, 1001) == []
