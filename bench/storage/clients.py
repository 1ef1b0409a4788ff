"""Clients: the same object and the same small objects by pixelmill, fsspec's client and obstore.

Over plain HTTP pixelmill compares the CRC-32 of what came with what the store says, or the md5
where it keeps no CRC, which the others leave out; by https it does not, since TLS does.
"unchecked" is pixelmill without that, "by md5" one that finds no CRC, as in older objects.

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
from time import perf_counter, process_time
from typing import Any

from pixelmill import storage
from pixelmill.storage import entries, fetching

SMALL, COUNT, THREADS = 10_000, 500, 8
Ways = dict[str, Callable[[], object]]


def large(base: str, megabytes: int, rounds: int, fs: Any, ob: Any = None) -> dict[str, Any]:
    """MB/s of one large object, in rounds by turns; `ob` is obstore's adapter."""
    data = bytes(range(256)) * (megabytes * 1_000_000 // 256)
    path = base.partition("://")[2]
    pieces = [data[start : start + (1 << 20)] for start in range(0, len(data), 1 << 20)]

    def ours() -> None:
        with storage.Upload(f"{base}/ours") as upload:
            for piece in pieces:
                upload.write(piece)
            upload.commit()

    def read_ours() -> None:
        _expect(sum(map(len, storage.chunks(f"{base}/ours"))), len(data))

    def read_with(**other: Any) -> Callable[[], None]:
        def run() -> None:
            with _other(**other):
                read_ours()

        return run

    def streamed(client: Any, name: str) -> None:
        with client.open(f"{path}/{name}", "wb") as file:
            for piece in pieces:
                file.write(piece)

    client = type(fs).__module__.partition(".")[0]
    write: Ways = {
        "pixelmill": ours,
        f"{client}, open().write": lambda: streamed(fs, "fs"),
        f"{client}, pipe_file": lambda: fs.pipe_file(f"{path}/pipe", data),
    }
    read: Ways = {
        "pixelmill": read_ours,
        "pixelmill, by md5": read_with(crc=lambda _: ""),
        "pixelmill, unchecked": read_with(encrypted=lambda _: True),
        f"{client}, open().read": lambda: _expect(_read(fs, f"{path}/ours"), len(data)),
        f"{client}, cat_file": lambda: _expect(len(fs.cat_file(f"{path}/ours")), len(data)),
    }
    if ob is not None:
        write["obstore, open().write"] = lambda: streamed(ob, "ob")
        read["obstore, cat_file"] = lambda: _expect(len(ob.cat_file(f"{path}/ours")), len(data))
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
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # connections, once
    for _ in range(rounds):
        for name, way in ways.items():
            start, cpu = perf_counter(), process_time()
            way()
            found[name].append(amount / (perf_counter() - start))
            busy[name].append(process_time() - cpu)
    ours = [name for name in found if name.startswith("pixelmill")]
    return {
        name: {
            "rate": round(median(rates), 1),
            "cpu_seconds": round(median(busy[name]), 3),
            **{f"{mine}_is_times_this": _times(found[mine], rates) for mine in ours},
        }
        for name, rates in found.items()
    }


def _times(mine: list[float], theirs: list[float]) -> float:
    return round(median(a / b for a, b in zip(mine, theirs, strict=True)), 3)


@contextmanager
def _other(**functions: Any) -> Iterator[None]:
    """With these in the place of what decides how bytes are checked."""
    places = {"crc": entries, "encrypted": fetching}
    before = {name: getattr(places[name], name) for name in functions}
    for name, function in functions.items():
        setattr(places[name], name, function)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(places[name], name, function)


def _read(client: Any, path: str) -> int:
    with client.open(path, "rb") as file:
        return sum(map(len, iter(lambda: file.read(8 << 20), b"")))


def _expect(got: int, expected: int) -> None:
    assert got == expected, f"{got} bytes came of {expected}"
