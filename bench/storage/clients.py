"""Clients: the same object and the same small objects by pixelmill, s3fs and obstore.

Over plain HTTP pixelmill compares the md5 of what came with what the store says, which the others
leave out; by https it does not, since TLS does.  "as by https" is pixelmill without that.

obstore's adapter for fsspec is two to three times as fast on small objects.  pixelmill goes by
s3fs, gcsfs and adlfs all the same: obstore hides the answers' range and checksum headers, by which
bytes are believed here or asked for again (storage/fetching.py, checking.py); images lie in shards,
of which nothing is small but a task's record; and credentials are looked for where the user's other
fsspec programs look.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

from pixelmill import storage
from pixelmill.storage import fetching

SMALL, COUNT, THREADS = 10_000, 500, 8
Ways = dict[str, Callable[[], object]]


def large(base: str, megabytes: int, rounds: int, fs: Any, ob: Any) -> dict[str, Any]:
    """MB/s of one large object, in rounds by turns."""
    data = bytes(range(256)) * (megabytes * 1_000_000 // 256)
    path = base.removeprefix("s3://")
    pieces = [data[start : start + (1 << 20)] for start in range(0, len(data), 1 << 20)]

    def ours() -> None:
        with storage.Upload(f"{base}/ours") as upload:
            for piece in pieces:
                upload.write(piece)
            upload.commit()

    def read_ours() -> None:
        _expect(sum(map(len, storage.chunks(f"{base}/ours"))), len(data))

    def read_as_by_https() -> None:
        with _unhashed():
            read_ours()

    def streamed(client: Any, name: str) -> None:
        with client.open(f"{path}/{name}", "wb") as file:
            for piece in pieces:
                file.write(piece)

    write: Ways = {
        "pixelmill": ours,
        "s3fs, open().write": lambda: streamed(fs, "fs"),
        "s3fs, pipe_file": lambda: fs.pipe_file(f"{path}/pipe", data),
        "obstore, open().write": lambda: streamed(ob, "ob"),
    }
    read: Ways = {
        "pixelmill": read_ours,
        "pixelmill, as by https": read_as_by_https,
        "s3fs, open().read": lambda: _expect(_read(fs, f"{path}/ours"), len(data)),
        "s3fs, cat_file": lambda: _expect(len(fs.cat_file(f"{path}/ours")), len(data)),
        "obstore, cat_file": lambda: _expect(len(ob.cat_file(f"{path}/ours")), len(data)),
    }
    return {
        "write": _rates(write, rounds, len(data) / 1e6),
        "read": _rates(read, rounds, len(data) / 1e6),
    }


def small(base: str, rounds: int, fs: Any, ob: Any) -> dict[str, Any]:
    """Objects of 10 kB a second, from eight threads."""
    data = bytes(SMALL)
    path = base.removeprefix("s3://")

    def all_of(call: Callable[[int], object]) -> Callable[[], object]:
        def run() -> None:
            with ThreadPoolExecutor(THREADS) as pool:
                list(pool.map(call, range(COUNT)))

        return run

    write: Ways = {
        "pixelmill": all_of(lambda n: storage.write(f"{base}/small/{n}", data)),
        "s3fs": all_of(lambda n: fs.pipe_file(f"{path}/small/{n}", data)),
        "obstore": all_of(lambda n: ob.pipe_file(f"{path}/small/{n}", data)),
    }
    read: Ways = {
        "pixelmill": all_of(lambda n: storage.read(f"{base}/small/{n}")),
        "s3fs": all_of(lambda n: fs.cat_file(f"{path}/small/{n}")),
        "obstore": all_of(lambda n: ob.cat_file(f"{path}/small/{n}")),
    }
    return {"write": _rates(write, rounds, COUNT), "read": _rates(read, rounds, COUNT)}


def _rates(ways: Ways, rounds: int, amount: float) -> dict[str, Any]:
    found: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # connections, once
    for _ in range(rounds):
        for name, way in ways.items():
            start = perf_counter()
            way()
            found[name].append(amount / (perf_counter() - start))
    ours = [name for name in found if name.startswith("pixelmill")]
    return {
        name: {
            "rate": round(median(rates), 1),
            **{f"{mine}_is_times_this": _times(found[mine], rates) for mine in ours},
        }
        for name, rates in found.items()
    }


def _times(mine: list[float], theirs: list[float]) -> float:
    return round(median(a / b for a, b in zip(mine, theirs, strict=True)), 3)


@contextmanager
def _unhashed() -> Iterator[None]:
    """As if bytes came by TLS, which compares them already."""
    before, fetching.encrypted = fetching.encrypted, lambda _: True
    try:
        yield
    finally:
        fetching.encrypted = before


def _read(client: Any, path: str) -> int:
    with client.open(path, "rb") as file:
        return sum(map(len, iter(lambda: file.read(8 << 20), b"")))


def _expect(got: int, expected: int) -> None:
    assert got == expected, f"{got} bytes came of {expected}"
