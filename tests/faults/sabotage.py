"""Sabotage: each of the engine's protections taken out, to see that its loss is noticed."""

import contextlib
import os


def done_again():
    """What the ledger says is not believed."""
    from pixelmill import ledger
    from pixelmill.shelf import Shelf

    records, empty = ledger.Ledger.records, [Shelf()]
    ledger.Ledger.records = lambda self, known=None: empty.pop() if empty else records(self, known)


def not_swept():
    from pixelmill import storage

    storage.sweep = lambda folder: 0


def seen_before_whole():
    """Files grow under their own names."""
    from pixelmill.storage.targets import LocalFile

    begin = LocalFile.__init__

    def at_its_place(self, url):
        begin(self, url)
        os.unlink(self.temporary)
        os.close(self.descriptor)
        self.temporary = self.path
        self.descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)

    LocalFile.__init__ = at_its_place


def recorded_first():
    """The commit record is written before the shards."""
    from pixelmill.task import Worker, _Run

    written = _Run._write

    def promised(self, samples, outputs, quarantine):
        written(self, samples, outputs, quarantine)
        from pixelmill.outputs.output import ShardRecord
        from pixelmill.task import _facts

        name = f"{next(iter(outputs))}-{self.task.id}.tar"
        shard = ShardRecord(next(iter(outputs)), name, 0, 0, "")
        from pixelmill.ledger import Record

        self.worker.ledger.commit(Record(**_facts(self.live, {}), shards=(shard,)))

    _Run._write = promised
    Worker.commit = lambda self, task, record: record


def claimed_too_early():
    """job.yaml is written before the list of the inputs."""
    from pixelmill import ledger
    from pixelmill.failpoint import reach

    write, late = ledger.write_inputs, []

    def later(*facts):
        late.append(facts)

    plain = ledger.reach

    def reached(name):
        if name == "begin.claimed":
            reach("begin.inputs")
            write(*late.pop())
        elif name != "begin.inputs":
            plain(name)

    ledger.write_inputs, ledger.reach = later, reached


def exchange_left():
    from pixelmill import run

    run.clear = lambda job: None


def fsync_ignored():
    """A fault of fsync is taken for success."""
    real = os.fsync

    def hopeful(descriptor):
        with contextlib.suppress(OSError):
            real(descriptor)

    os.fsync = hopeful


def elsewhere():
    """No sabotage: this process believes to be on a machine of its own."""
    from pixelmill import holder

    holder.this_machine = lambda: f"another {os.getpid()}"


def elsewhere_and_blind():
    """A run that was away does not look whether the folder is still its own."""
    from pixelmill import lease

    elsewhere()
    lease.Claim.expect_kept = lambda self: None


def small_parts():
    """No sabotage: objects are sent in parts of the least size that S3 takes."""
    from pixelmill.storage import targets

    targets._PART = 5 << 20


SABOTAGE = {
    name: function
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__module__", "") == __name__
}
