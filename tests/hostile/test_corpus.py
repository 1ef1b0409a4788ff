"""Other people's broken, odd and hostile files through the whole job, each verdict as it was.

`corpus.tsv` holds what became of every file; `PIXELMILL_GOLDEN=write` writes it anew, for a change
that was looked into.
"""

import io
import os
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from children import write_tar
from PIL import Image

CORPUS = Path(os.environ.get("PIXELMILL_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
GOLDEN = Path(__file__).with_name("corpus.tsv")
# Two thousand files at once: half a minute, and several on a machine that does much beside.
pytestmark = [pytest.mark.corpus, pytest.mark.slow, pytest.mark.timeout(400)]
if not CORPUS.is_dir():
    pytest.skip(f"the corpus of odd files is not at {CORPUS}", allow_module_level=True)

NAMES = sorted(
    str(path.relative_to(CORPUS))
    for folder in CORPUS.iterdir()
    if folder.is_dir()
    for path in folder.rglob("*")
    if path.is_file() and "LICENSE" not in path.name and "COPYING" not in path.name
)
TARS = (".tar", ".tgz", ".tar.gz", ".tar.zst", ".tar.Z")
AT_ONCE = 64  # files to a child; where one dies, each of them gets its own
PIXELS = 20_000_000  # so that the limit on memory means something
# What this many pixels may take: four bytes each in Pillow, twice while they are converted, three
# as an array and three as a file, on top of the loaded engine (230 MB).
PEAK = 230e6 + PIXELS * (4 + 4 + 3 + 3)

# Where Pillow reads what we refuse, and the reverse, on purpose.
LEVELS = {"F", "I", "LAB"}  # floats, 32 bits, CIE Lab: no agreed white, or no RGB
OURS_ALONE = {"python-pillow+Pillow/Tests/images/avif/hopper.heif"}  # by pi_heif
# Of its two bands Pillow reads one and says nothing.
LOST_BANDS = {"python-pillow+Pillow/Tests/images/separate_planar_extra_samples.tiff"}
FORMATS = {"AVIF", "BMP", "DIB", "GIF", "JPEG", "MPO", "PNG", "TIFF", "WEBP"}


def test_every_image_has_the_verdict_that_it_had(children, tried, tmp_path):
    found = {name: verdict for name, (verdict, _) in images(children, tmp_path).items()}
    expect_as_before(found, {name: v for name, v in kept().items() if not is_tar(name)})
    tried["images of others' collections"] += len(found)


def test_every_tar_has_the_verdict_that_it_had(children, tried, tmp_path):
    found = {name: tar_verdict(children, tmp_path, name) for name in NAMES if is_tar(name)}
    expect_as_before(found, {name: v for name, v in kept().items() if is_tar(name)})
    tried["tars of others' collections"] += len(found)


def expect_as_before(found, before):
    if os.environ.get("PIXELMILL_GOLDEN") == "write":
        verdicts = {**kept(), **found}
        GOLDEN.write_text("".join(f"{name}\t{verdicts[name]}\n" for name in sorted(verdicts)))
        return
    changed = [f"{name}: {before.get(name)} before, {verdict} now"
               for name, verdict in found.items() if before.get(name) != verdict]  # fmt: skip
    assert not changed, "\n".join(changed)
    assert found.keys() == before.keys()


def kept():
    return dict(line.split("\t") for line in GOLDEN.read_text().splitlines())


def test_what_is_decoded_is_what_pillow_decodes(children, tmp_path):
    different = []
    for name, (verdict, pixels) in images(children, tmp_path).items():
        if name.endswith(".dcm"):
            continue  # Pillow reads none; tests/codecs/test_dicom.py asks pydicom
        theirs = by_pillow((CORPUS / name).read_bytes())
        if pixels is not None and theirs is None and name not in OURS_ALONE:
            different.append(f"{name}: {verdict}, and Pillow refuses it")
        elif pixels is None and theirs and theirs[0] not in LEVELS and name not in LOST_BANDS:
            different.append(f"{name}: {verdict}, and Pillow reads it as {theirs[0]}")
        elif pixels is not None and theirs is not None and not same(pixels, theirs[1]):
            different.append(f"{name}: other pixels than Pillow's")
    assert not different, "\n".join(different)


def images(children, folder, _found={}):  # noqa: B006  # one look at them for both tests
    """{name: (verdict, the pixels)} of every file that is no tar, as the member of a tar."""
    names = [name for name in NAMES if not is_tar(name)]
    for start in range(0, len(names) if not _found else 0, AT_ONCE):
        _found.update(of_some(children, folder / str(start), names[start : start + AT_ONCE]))
    return _found


def of_some(children, folder, names):
    folder.mkdir()
    members = [(f"{i:04d}.img", (CORPUS / name).read_bytes()) for i, name in enumerate(names)]
    told = children.run(
        source=write_tar(folder / "in.tar", members),
        output=str(folder / "out"),
        decode={"orientation": "ignore", "max_pixels": PIXELS},
        outputs=[{"image": "npy"}],
    )
    if told["status"]:
        assert len(names) > 1, f"{names[0]}: the process died with status {told['status']}"
        return {k: v for n in names for k, v in of_some(children, folder / n[-40:], [n]).items()}
    assert told["peak"] < PEAK, (names[0], names[-1], told["peak"])
    return dict(verdicts(told["result"], folder / "out", names))


def verdicts(result, out, names):
    with tarfile.open(out / "train-000000.tar") as tar:
        written = {info.name: tar.extractfile(info).read() for info in tar}
    for i, name in enumerate(names):
        if f"{i:04d}.npy" in written:
            pixels = np.load(io.BytesIO(written[f"{i:04d}.npy"]), allow_pickle=False)
            yield name, (f"{pixels.shape[1]}x{pixels.shape[0]}", pixels)
        else:
            reason, message = result["whys"][f"{i:04d}"]
            assert len(message) > 20, (name, message)
            yield name, (reason, None)


def tar_verdict(children, folder, name):
    out = folder / name.replace("/", "-")
    told = children.run(source={"urls": str(CORPUS / name), "kind": "webdataset"}, output=str(out))
    assert not told["status"], name
    assert told["peak"] < PEAK, (name, told["peak"])
    result = told["result"]
    assert not result.get("error"), (name, result)
    tally = result["tally"]
    reasons = [f"{reason} {count}" for reason, count in tally["quarantined"].items()]
    damaged = ["damaged"] * len(result["damaged"])
    return ", ".join([f"written {tally['written']}", *reasons, *damaged])


def same(ours, theirs):
    return theirs is None or np.array_equal(ours, theirs)


def by_pillow(data):
    """(mode, RGB pixels, or None where ours are defined otherwise), None where it refuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
            mode, size, kind = image.mode, image.size, image.format
            if kind not in FORMATS or size[0] * size[1] > PIXELS:
                return None
            upright = image.getexif().get(0x112, 1) == 1  # Pillow turns a TIFF, and then says so
            image.load()
            plain = mode in ("RGB", "L", "1", "P") and "transparency" not in image.info
            plain = plain and upright and image.size == size
            return mode, np.array(image.convert("RGB")) if plain else None
    except Exception:  # noqa: BLE001  # whatever it says, it refuses
        return None


def is_tar(name):
    return name.endswith(TARS)
