"""What tables of a stranger are taken for: labels in CSV and Parquet, and samples in Parquet."""

import contextlib
import gzip
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pixelmill.errors import JobError, SampleError, ShardError, StorageError
from pixelmill.job.labels import ChexpertLabels, FormOfLabels, NihLabels, TableLabels
from pixelmill.labels.kinds import open_form
from pixelmill.labels.table import columns_of, rows_of
from pixelmill.sample import Failure
from pixelmill.shards.writer import TarWriter
from pixelmill.sources.parquet import ParquetSource

OURS = (JobError, ShardError, StorageError)
SAMPLE = 1 << 20
SHM = Path("/dev/shm")


@contextlib.contextmanager
def _file(data: bytes, name: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        yield str(path)


def csv(data: bytes) -> None:
    """Rows as long as their header, whatever each form makes of them; or a JobError."""
    with _file(data, "table.csv.gz" if data[:2] == b"\x1f\x8b" else "table.csv") as path:
        _table(path)


def table(data: bytes) -> None:
    """The same of a table in Parquet."""
    with _file(data, "table.parquet") as path:
        _table(path)


def _table(path: str) -> None:
    with contextlib.suppress(*OURS):
        names = columns_of(path)
        assert len(set(names)) == len(names) or path.endswith("parquet")  # told where it is asked
        if len(names) < 2:
            return
        ragged: list[str] = []
        rows = list(rows_of([path], names, ragged=ragged))
        assert all(len(row) == len(names) for row in rows)
        assert all(isinstance(value, str) for row in rows for value in row)
        _told(path, names, [row[1:] for row in rows])
    for form, model in (("nih", NihLabels), ("chexpert", ChexpertLabels)):
        with contextlib.suppress(*OURS):
            first = open_form(model(table=path, form=form)).tables[0]
            keyed = list(rows_of([path], first.columns, first.names, ragged=[]))
            _as(model(table=path, form=form), [(first.keyed(row[0]), row[1:]) for row in keyed])


def _told(path: str, names: list[str], rows: list) -> None:
    for word in ("label", "labels", "group", "text"):
        said = {word: names[1] if word != "labels" else names[-1]}
        with contextlib.suppress(ValueError):  # the job's own mistakes, which it tells
            labels = TableLabels(table=path, key=names[0], columns=said)
            _as(labels, [("key", row[: len(labels.columns.named)]) for row in rows])


def _as(labels: FormOfLabels, rows: list) -> None:
    form = open_form(labels)
    found = form.classes(row for _, row in rows)
    form = open_form(labels, found)
    for key, row in rows:
        with contextlib.suppress(SampleError):
            assert form.told(key, [row], lambda *_: ()).record["id"] is not None


def parquet(data: bytes) -> None:
    """Samples that can be written, failures that can be kept, and a ShardError in the end."""
    writer = TarWriter(lambda _: None)
    with _file(data, "rows.parquet") as path, contextlib.suppress(*OURS):
        source = ParquetSource([path], max_sample=SAMPLE)
        for part in source.parts():
            for found in source.read(part):
                why = {"why.json": b"{}"} if isinstance(found, Failure) else {}
                assert not why or found.message
                writer.add(found.key, {**found.fields, **why})


NIH = (
    b"Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    b"OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n"
    b"00000001_000.png,Cardiomegaly|Effusion,0,1,58,M,PA,2682,2749,0.143,0.143\n"
    b'"00000001_001.png","No ""Finding""",1,1,58,M,PA,2894,2729,0.143,0.143\n'
    b"00000002_000.png,,0,2,81,M,PA,2500,2048,0.171,0.171\n"
)
CHEXPERT = (
    b"Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,"
    b"Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,"
    b"Pleural Effusion,Pleural Other,Fracture,Support Devices\n"
    b"a/patient1/study1/view1.jpg,Female,68,Frontal,AP,1.0,,,,,,-1.0,,0.0,,,,,1.0\n"
)


def csvs() -> dict[str, bytes]:
    own = b'name,class,group\r\na.jpg,cat,1\r\nb.jpg,"d,o\ng",2\r\n'
    return {
        "nih": NIH,
        "chexpert": CHEXPERT,
        "own": own,
        "marked": b"\xef\xbb\xbf" + own,
        "gz": gzip.compress(own, mtime=0),
        "ragged": own + b"c.jpg\nd.jpg,1,2,3\n",
    }


def tables() -> dict[str, bytes]:
    import pyarrow as pa

    columns = {"name": ["a.jpg", "b.jpg"], "class": [1, None], "more": [0.5, float("nan")]}
    nested = {"name": ["a"], "labels": [["x", "y"]], "about": [{"age": 3}]}
    return {"plain": _parquet(pa.table(columns)), "nested": _parquet(pa.table(nested))}


def parquets() -> dict[str, bytes]:
    import pyarrow as pa
    import seeds

    image = {"bytes": seeds.photo("JPEG"), "path": "a.jpg"}
    rows = {"key": ["a", "b"], "image": [image, {**image, "path": None}], "label": [1, 2]}
    plain = {"jpg": [seeds.photo("JPEG"), None, b""], "caption": ["größe", None, ""]}
    return {
        "rows": _parquet(pa.table(rows)),
        "plain": _parquet(pa.table(plain), compression="zstd"),
        "groups": _parquet(pa.table(plain), row_group_size=1, compression="gzip"),
    }


def _parquet(rows, **options) -> bytes:
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(rows, file, write_page_checksum=True, **options)
    return file.getvalue()
