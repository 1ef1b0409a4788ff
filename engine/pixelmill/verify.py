"""Verify: is the output what its ledger says?  Every shard is read, hashed, opened and counted."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pixelmill import storage
from pixelmill.errors import InputMissing, PixelmillError
from pixelmill.executors import cores
from pixelmill.ledger import Ledger, Record, settled, total
from pixelmill.manifest import NAME, version_of
from pixelmill.outputs import ShardRecord
from pixelmill.outputs.count import count_samples
from pixelmill.quarantine import FOLDER
from pixelmill.tally import Tally


@dataclass
class Verdict:
    """What was looked at, and what is wrong; nothing is where `problems` is empty."""

    shards: int = 0
    samples: int = 0
    bytes: int = 0
    tally: Tally = field(default_factory=Tally)
    problems: list[str] = field(default_factory=list)


def verify(folder: str) -> Verdict:
    """Recompute every sha256 and count of an output folder.

    InputMissing where it is none.  A damaged, missing or strange shard, a tally that does not
    balance and a changed manifest are `problems`.
    """
    ledger = Ledger(folder)
    ledger.job()
    records = ledger.records().values()
    shards = [shard for record in records for shard in record.shards]
    shards += [record.quarantine for record in settled(records) if record.quarantine]
    found = Verdict(len(shards), tally=total(records))
    found.samples = sum(shard.samples for shard in shards if shard.output != FOLDER)
    found.bytes = sum(shard.bytes for shard in shards)
    with ThreadPoolExecutor(2 * cores()) as pool:  # sha256 releases the GIL
        for problems in pool.map(lambda shard: list(_shard(folder, shard)), shards):
            found.problems += problems
    for record in records:
        if not record.tally.balances:
            found.problems.append(
                f"ledger {record.task}: the tally does not balance: {record.tally}"
            )
    found.problems += _exchanged(records)
    found.problems += _strangers(folder, {shard.name for shard in shards})
    found.problems += _manifest(folder)
    return found


def _exchanged(records: Collection[Record]) -> Iterator[str]:
    """Outputs of which the tasks handed over more or fewer samples than the shards hold."""
    for output in sorted({record.gathers for record in records if record.gathers}):
        handed = sum(r.samples for record in records for r in record.runs if r.output == output)
        gathered = [record for record in records if record.gathers == output]
        held = sum(s.samples + r.left_out - r.repeated for r in gathered for s in r.shards)
        if held != handed:
            yield (
                f"ledger: the tasks handed over {handed} samples of {output}, its shards account "
                f"for {held}; run the job again to go on"
            )


def _shard(folder: str, shard: ShardRecord) -> Iterator[str]:
    url = storage.join(folder, shard.name)
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in storage.chunks(url):
            digest.update(chunk)
            size += len(chunk)
        if (size, digest.hexdigest()) != (shard.bytes, shard.sha256):
            yield (
                f"{url}: {size} bytes with sha256 {digest.hexdigest()[:16]}, the ledger says "
                f"{shard.bytes} with {shard.sha256[:16]}"
            )
        count = count_samples(url)
        if count != shard.samples:
            yield f"{url}: {count} samples, the ledger says {shard.samples}"
    except InputMissing:
        yield f"{url}: is missing; the ledger says {shard.bytes} bytes, {shard.samples} samples"
    except PixelmillError as error:
        yield f"{url}: cannot be read: {error}"


def _strangers(folder: str, known: Iterable[str]) -> Iterator[str]:
    """Shards that no record names: a reader that takes `*.tar` would train on them."""
    names = set(known)
    for entry in storage.listing(folder):
        name = entry.url.rsplit("/", 1)[-1]
        if name.endswith((".tar", ".parquet")) and name not in names:
            yield f"{entry.url}: no commit record names this shard; remove it, or run the job again"


def _manifest(folder: str) -> Iterator[str]:
    url = storage.join(folder, NAME)
    try:
        facts = json.loads(storage.read(url))
    except InputMissing:
        yield f"{url}: is missing, so the job is not finished; run it again to go on"
        return
    except ValueError as error:
        yield f"{url}: is no JSON ({error})"
        return
    if facts.get("version") != version_of(facts):
        yield f"{url}: was changed; its version is {version_of(facts)[:16]} by its content"
