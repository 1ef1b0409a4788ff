"""Reading a folder's files: some samples ahead, so that a bucket's latency is paid in parallel."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from pixelmill import storage
from pixelmill.errors import InputMissing, LimitError, NotAllowed
from pixelmill.sample import Failure, Sample
from pixelmill.sources.part import Part
from pixelmill.sources.stems import Found, class_of, gather

# A bucket answers a small GET in 20-50 ms: 8 at a time keep a decoder of 250 images/s fed.
THREADS = 8
AHEAD_BYTES, AHEAD_FILES = 64 << 20, 32

Pending = dict[str, tuple[str, Future[bytes]]]


def read_samples(
    part: Part, image: str, prefix: str, max_sample: int, mask: str = ""
) -> Iterator[Sample | Failure]:
    """The samples of a part, in order; a file that cannot be read makes a Failure of its sample."""
    read = partial(_read, most=max_sample) if part.size > max_sample else storage.read
    groups, _ = gather(part.names, image, mask)
    labels = dict(part.labels)
    ahead: deque[tuple[Found, Pending]] = deque()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="folder")
    try:
        for found in (found for group in groups for found in group):
            ahead.append((found, _ask(pool, read, part.url, found)))
            if len(ahead) > _window(part):
                yield _sample(part.url, prefix, labels, *ahead.popleft())
        while ahead:
            yield _sample(part.url, prefix, labels, *ahead.popleft())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _window(part: Part) -> int:
    """So many samples ahead that their bytes, files of average size, stay below AHEAD_BYTES."""
    average = part.size // max(1, len(part.names)) + 1
    return max(1, min(AHEAD_FILES, AHEAD_BYTES // average))


def _read(url: str, most: int) -> bytes:
    """The file, if it is not too large: only a part that holds so much in all need be asked."""
    size = storage.stat(url).size
    if size > most:
        raise LimitError(
            f"the file has {size:,} bytes, more than the limit of {most:,}; raise "
            "source.max_sample to take it, or take it out",
            "member_too_large",
        )
    return storage.read(url)


def _ask(
    pool: ThreadPoolExecutor, read: Callable[[str], bytes], root: str, found: Found
) -> Pending:
    asked: Pending = {}
    for field, name in found.files:
        if field not in asked:
            url = storage.join(root, name)
            asked[field] = url, pool.submit(read, url)
    return asked


def _sample(
    root: str, prefix: str, labels: Mapping[str, int], found: Found, asked: Pending
) -> Sample | Failure:
    fields: dict[str, bytes] = {}
    wrong: tuple[str, str] | None = _twice(found)
    for field, (url, future) in asked.items():
        try:
            fields[field] = future.result()
        except InputMissing as error:
            wrong = "missing", str(error)
        except LimitError as error:
            wrong = error.reason, f"{storage.masked(url)}: {error}"
        except NotAllowed as error:
            # On a bucket this is a credential, no fault of the one file: the task is tried again.
            if "://" in url and not url.startswith("file:"):
                raise
            wrong = "unreadable", str(error)
    key, where = prefix + found.key, storage.masked(storage.join(root, found.image))
    if wrong:
        return Failure(key, fields, *wrong, where)
    label = labels.get(class_of(found.image))
    if label is not None and "cls" not in fields:
        fields = dict(sorted({**fields, "cls": b"%d" % label}.items()))
    return Sample(key, fields, where, found.image_field)


def _twice(found: Found) -> tuple[str, str] | None:
    """What is wrong with a.txt beside a.TXT: both would be the field txt."""
    names = dict(found.files)
    twice = [name for field, name in found.files if names[field] != name]
    if not twice:
        return None
    return (
        "duplicate_member",
        f"{twice[0]!r} has the same field as another file; rename one of them",
    )
