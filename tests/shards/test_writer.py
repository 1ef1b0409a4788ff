import hashlib
import io
import itertools
import shutil
import subprocess
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tars import pack, plain, read

from pixelmill.errors import EncodeError
from pixelmill.shards.writer import TarWriter, sample_size

LONG = "folder/" * 20 + "n" * 30  # 170 bytes: splits at a slash
LONGER = "n" * 150  # no slash: needs PAX


def tarfile_bytes(samples):
    """What Python's tarfile makes of the same samples, in the same format for each name."""
    file = io.BytesIO()
    for key, fields in samples:
        for field, data in fields.items():
            info = tarfile.TarInfo(f"{key}.{field}")
            info.size = len(data)
            try:
                info.name.encode("ascii")
                header = info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
            except ValueError:
                header = info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
            file.write(header + data + bytes(-len(data) % 512))
    file.write(bytes(1024))
    file.write(bytes(-file.tell() % 10240))
    return file.getvalue()


SAMPLES = [
    ("000", {"jpg": b"x" * 1000, "cls": b"7"}),
    ("sub/000", {"jpg": b"", "json": b"{}", "seg.png": b"y" * 512}),
    (LONG, {"jpg": b"long"}),
    (LONGER, {"jpg": b"longer"}),
    ("größe", {"jpg": b"PAX"}),
    ("bad\udcff", {"jpg": b"no UTF-8"}),
    ("n" * 96, {"jpg": b"100 bytes"}),
    ("n" * 97, {"jpg": b"101 bytes"}),
    ("p" * 155 + "/" + "n" * 96, {"jpg": b"155 and 100"}),
    ("p" * 156 + "/" + "n" * 96, {"jpg": b"156 and 100"}),
    ("a/" + "p" * 150 + "/" + "n" * 96, {"jpg": b"two places to split"}),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample[0][:12])
def test_the_bytes_are_those_of_tarfile(sample):
    assert pack([sample]) == tarfile_bytes([sample])


def test_the_same_samples_give_the_same_bytes_as_ever():
    # The digest of a tar that earlier versions wrote: resumed and repeated jobs rely on it.
    digest = hashlib.sha256(pack(SAMPLES[:2])).hexdigest()
    assert digest == hashlib.sha256(tarfile_bytes(SAMPLES[:2])).hexdigest()
    assert digest == "e865eaafeb6ab7a89595eb759a55483bf28d5802bbc872775adf7bfb876671f5"


def test_tarfile_reads_every_name_and_byte():
    expected = {f"{key}.{field}": data for key, fields in SAMPLES for field, data in fields.items()}
    with tarfile.open(fileobj=io.BytesIO(pack(SAMPLES))) as tar:
        assert {info.name: tar.extractfile(info).read() for info in tar} == expected
        facts = {(info.mtime, info.uid, info.gid, info.uname, info.mode) for info in tar}
    assert facts == {(0, 0, 0, "", 0o644)}


def test_gnu_tar_reads_every_name(tmp_path):
    if shutil.which("tar") is None:
        pytest.skip("there is no tar command")
    samples = [sample for sample in SAMPLES if sample[0].isprintable() and sample[0].isascii()]
    (tmp_path / "x.tar").write_bytes(pack(samples))
    command = ["tar", "-tf", str(tmp_path / "x.tar")]
    listed = subprocess.run(command, check=True, capture_output=True, text=True)
    expected = [f"{key}.{field}" for key, fields in samples for field in fields]
    assert listed.stdout.splitlines() == expected
    assert listed.stderr == ""


def test_the_size_of_a_sample_is_known_before_it_is_written():
    writer = TarWriter(lambda _: None)
    for key, fields in SAMPLES:
        assert writer.add(key, fields) == sample_size(key, fields)
    assert writer.size == sum(itertools.starmap(sample_size, SAMPLES))
    assert writer.close() == writer.size - sum(itertools.starmap(sample_size, SAMPLES))
    assert writer.size % 10240 == 0


def test_the_sink_gets_few_large_pieces():
    sizes = []
    writer = TarWriter(lambda piece: sizes.append(len(piece)))
    for number in range(5000):
        writer.add(f"{number:06}", {"jpg": bytes(2000), "cls": b"1"})
    writer.close()
    assert sum(sizes) == writer.size
    assert min(sizes[:-1]) >= 1 << 20


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("a.b", "jpg"),
        ("/a", "jpg"),
        ("../a", "jpg"),
        ("a/../b", "jpg"),
        ("a\0b", "jpg"),
        ("", "jpg"),
        ("__note__/a", "jpg"),
        ("a", "JPG"),
        ("a", "x/y"),
    ],
)
def test_what_would_not_be_read_back_is_refused_and_leaves_the_tar_as_it_was(key, field):
    pieces = []
    writer = TarWriter(pieces.append)
    writer.add("good", {"jpg": b"x"})
    before = writer.size
    with pytest.raises(EncodeError, match="cannot be written") as caught:
        writer.add(key, {"ok": b"", field: b""})
    assert caught.value.reason == "unwritable_name"
    assert writer.size == before
    writer.add("better", {"jpg": b"y"})
    writer.close()
    assert b"".join(pieces) == pack([("good", {"jpg": b"x"}), ("better", {"jpg": b"y"})])


letters = st.characters(exclude_characters="/.\0", exclude_categories=["Cs"])
part = st.text(letters, min_size=1, max_size=130)
folders = st.lists(part, max_size=3)
field = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), max_size=40).map(str.lower)


@st.composite
def shard(draw):
    keys = draw(st.lists(st.tuples(folders, part), max_size=5, unique_by=str))
    made = {"/".join([*above, name]): draw(fields) for above, name in keys}
    return list(made.items())


fields = st.dictionaries(field, st.binary(max_size=1500), min_size=1, max_size=3)


@settings(deadline=None, max_examples=150)
@given(samples=shard(), size=st.integers(1, 3000))
def test_what_is_written_is_read_back_by_us_and_by_tarfile(samples, size):
    pieces = []
    writer = TarWriter(pieces.append)
    written = []
    for key, members in samples:
        try:
            writer.add(key, members)
            written.append((key, members))
        except EncodeError:  # "__meta__/x", or a letter that changes once more in lower case
            continue
    writer.close()
    data = b"".join(pieces)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        read_by_tarfile = [(info.name, tar.extractfile(info).read()) for info in tar]
    expected = [(f"{key}.{name}", value) for key, ms in written for name, value in ms.items()]
    assert [(name.rstrip("/"), value) for name, value in read_by_tarfile] == [
        (name.rstrip("/"), value) for name, value in expected
    ]
    samples_read, failures, error = read(data, size)
    assert error is None
    reserved = {"__key__", "__url__", "__bad__", "__local_path__"}
    assert plain(samples_read) == [one for one in written if not reserved & set(one[1])]
    assert len(samples_read) + len(failures) == len(written)
