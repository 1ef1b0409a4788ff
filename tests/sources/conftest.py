import io

import pytest
from PIL import Image


@pytest.fixture(scope="session")
def jpeg():
    """Bytes of a small JPEG; another for each number."""

    def make(number=0, format="JPEG"):
        out = io.BytesIO()
        Image.new("RGB", (8, 6), (number % 256, 90, 30)).save(out, format)
        return out.getvalue()

    return make


@pytest.fixture
def tree(tmp_path, jpeg):
    """Write files below a folder; images get pixels by their extension, others the bytes given."""

    def write(files, root="photos"):
        for number, (name, data) in enumerate(files.items()):
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            png = name.lower().endswith("png")
            path.write_bytes(data if data is not None else jpeg(number, "PNG" if png else "JPEG"))
        return str(tmp_path / root)

    return write
