"""What is tried again, what is not, and in which words it is told."""

import errno
import pickle
from unittest.mock import Mock

import pytest

from pixelmill import storage
from pixelmill.errors import DiskFull, InputMissing, NotAllowed, StorageError
from pixelmill.storage import reading
from pixelmill.storage.faults import transient, translated
from pixelmill.storage.patience import PATIENCE, patiently


class WithStatus(Exception):
    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status = status


class ClientPayloadError(Exception):
    """Named as aiohttp's."""


@pytest.mark.usefixtures("quick_retries")
@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(),
        OSError(errno.EBUSY, "SlowDown"),
        OSError(errno.ENETUNREACH, "no route"),
        WithStatus(503),
        WithStatus(429),
        ClientPayloadError(),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again(error):
    answers = [error, error, "at last"]

    def call():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert transient(error)
    assert patiently(call, "s3://b/x", "reading") == "at last"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileNotFoundError("x"), InputMissing),
        (PermissionError("x"), NotAllowed),
        (WithStatus(403), NotAllowed),
        (WithStatus(404), InputMissing),
        (OSError(errno.ENOSPC, "full"), DiskFull),
        (OSError(errno.EDQUOT, "quota"), DiskFull),
        (OSError(errno.EROFS, "read-only"), NotAllowed),
        (OSError(errno.EIO, "broken"), StorageError),
        (ValueError("bad name"), StorageError),
    ],
    ids=repr,
)
def test_what_stays_is_told_at_once(error, told):
    calls = []

    def call():
        calls.append(1)
        raise error

    with pytest.raises(told, match=r"reading s3://b/x failed: .*"):
        patiently(call, "s3://b/x", "reading")
    assert len(calls) == 1


@pytest.mark.usefixtures("quick_retries")
def test_after_the_last_attempt_the_fault_is_told():
    calls = []

    def call():
        calls.append(1)
        raise TimeoutError("no answer")

    with pytest.raises(StorageError, match=r"no answer; it kept failing, run again"):
        patiently(call, "s3://b/x", "reading")
    assert len(calls) == PATIENCE.attempts


def test_waits_double(monkeypatch):
    waits = []
    monkeypatch.setattr("pixelmill.storage.patience.random.uniform", lambda *_: 1.0)

    def call():
        raise TimeoutError

    with pytest.raises(StorageError):
        patiently(call, "s3://waits/x", "reading", wait=waits.append)
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 8, 8, 8]


def test_a_mistake_in_code_is_not_taken_for_a_fault():
    def call():
        raise TypeError("unexpected keyword")

    with pytest.raises(TypeError):
        patiently(call, "s3://b/x", "reading")


def test_no_signature_is_told():
    url = "https://host/a.tar?X-Amz-Signature=secret123"
    error = WithStatus(500)
    error.args = (f"500, message='x', url='{url}'",)
    assert "secret123" not in str(translated(error, url, "reading"))
    other = OSError(f"cannot open {url}")
    assert "secret123" not in str(translated(other, "https://host/b.tar", "reading"))


def test_errors_survive_the_trip_from_a_worker():
    for told in (
        translated(FileNotFoundError(), "a", "reading"),
        DiskFull("full"),
        NotAllowed("no"),
    ):
        back = pickle.loads(pickle.dumps(told))
        assert (type(back), str(back)) == (type(told), str(told))


class Flaky:
    """A file system in front of some bytes; each read takes the next of `answers`."""

    def __init__(self, data, answers):
        self.data, self.answers, self.asked = data, answers, []

    def info(self, _):
        return {"type": "file", "size": len(self.data), "ETag": '"1"'}

    def invalidate_cache(self):
        pass

    def cat_file(self, _, start=None, end=None):
        self.asked.append((start, end))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return self.data[start : end if answer is None else start + answer]


@pytest.fixture
def flaky(monkeypatch, quick_retries):
    """Under a protocol of which nothing is known but fsspec's words."""

    def make(data, answers):
        fs = Flaky(data, answers)
        for module in ("stores", "about"):
            monkeypatch.setattr(f"pixelmill.storage.{module}.filesystem", lambda _: (fs, "x"))
        return fs

    return make


def test_a_ranged_read_goes_on_at_its_offset(flaky, rng):
    data = rng.bytes(1000)
    fs = flaky(data, [None, ConnectionResetError(), 37, TimeoutError(), None])
    assert b"".join(storage.chunks("other://b/x", 400)) == data
    assert fs.asked == [(0, 400), (400, 800), (400, 800), (437, 837), (437, 837), (837, 1000)]


def test_an_object_that_ends_early_is_told(flaky):
    fs = flaky(b"x" * 1000, [])
    fs.info = lambda _: {"type": "file", "size": 1500, "ETag": '"1"'}
    with pytest.raises(StorageError, match=r"1000 to 1400"):
        list(storage.chunks("other://b/x", 400))


def test_an_object_that_is_replaced_meanwhile_is_told(flaky):
    fs = flaky(b"x" * 1000, [])
    stamps = iter(['"1"', '"2"'])
    fs.info = lambda _: {"type": "file", "size": 1000, "ETag": next(stamps)}
    with pytest.raises(StorageError, match="written to meanwhile"):
        list(storage.chunks("other://b/x", 400))


@pytest.mark.parametrize("more", [-500, 500])
def test_a_local_file_that_changes_its_length_is_told(tmp_path, more):
    path = tmp_path / "x"
    path.write_bytes(bytes(10_000))
    chunks = reading._local_chunks(str(path), 4000)
    next(chunks)
    with open(path, "r+b") as file:
        file.truncate(10_000 + more)
    with pytest.raises(StorageError, match="had 10000 bytes when it was opened"):
        list(chunks)


def fill(upload, pieces):
    with upload:
        for _ in range(pieces):
            upload.write(bytes(1 << 20))
        upload.commit()


def test_an_error_of_the_upload_thread_is_raised_by_the_next_write_and_by_commit(tmp_path):
    for pieces in (100, 1):
        upload = storage.Upload(str(tmp_path / "x"))
        upload._target.write = Mock(side_effect=DiskFull("full"))
        with pytest.raises(DiskFull):
            fill(upload, pieces)
    assert list(tmp_path.iterdir()) == []
