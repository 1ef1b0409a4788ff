"""Real peers in real processes, of those that are installed beside the tests anyway."""

import os
import signal
import time

import psutil
import pytest


@pytest.fixture
def photographs(bench, tmp_path):
    return bench("peers.sets").photographs("imagenet", str(tmp_path), times=0.02)


@pytest.fixture
def cell_of(bench, photographs, tmp_path):
    def cell(job, patience=60):
        return bench("peers.rounds").Cell(job, photographs, 1, 2, patience, tmp_path)

    return cell


@pytest.mark.slow
@pytest.mark.parametrize("job", ["J1", "J2", "J4"])
def test_each_peer_has_checked_figures_or_the_reason_why_not(bench, cell_of, job):
    peer, by_name = bench("peers.field").Peer, bench("peers.field").BY_NAME
    peers = [
        by_name["pixelmill"],
        peer("pillow", "Pillow", venv="pixelmill"),
        peer("nobody", "a loop that cannot be imported", venv="pixelmill"),
        peer("vips", "a word on it", cannot={job: "does no such thing"}),
    ]
    rows = bench("peers.rounds").in_turns(cell_of(job), peers)
    for name in ("pixelmill", "pillow"):
        assert len(rows[name]["rounds"]) == 2
        assert rows[name]["peak_mb"] > 20
        assert rows[name].get("psnr_db", 99) > 30
    assert rows["pillow"]["pixelmill_is_times"] > 0
    assert "No module named" in rows["nobody"]["cannot"]
    assert rows["vips"] == {"cannot": "does no such thing"}


@pytest.mark.slow
def test_a_peer_that_waits_is_stopped_and_one_that_is_left_is_gone(bench):
    talk = bench("peers.talk").Talk(bench("peers.field").BY_NAME["pixelmill"], 1, 60)
    with talk:
        assert talk.ask(do="can")["jobs"]
        (process, *_) = bench("family").family(talk._process.pid)
        talk.pause()
        time.sleep(0.1)
        assert process.status() == psutil.STATUS_STOPPED
    assert not psutil.pid_exists(process.pid)


@pytest.mark.slow
def test_a_peer_that_ends_or_takes_too_long_says_so(bench):
    module, peer = bench("peers.talk"), bench("peers.field").BY_NAME["pixelmill"]
    with module.Talk(peer, 1, 60) as talk:
        os.kill(talk._process.pid, signal.SIGKILL)
        with pytest.raises(module.CannotDo, match="its process ended: exit status -9"):
            talk.ask(do="can")
    with module.Talk(peer, 1, 0.5) as talk:
        talk.pause()
        with pytest.raises(module.CannotDo, match=r"did not finish within 0\.5 s"):
            talk.ask(do="can")
