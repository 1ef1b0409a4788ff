import pytest

from pixelmill.outputs import open_output
from pixelmill.sample import Sample


def _sample(number, size=300, **fields):
    image = bytes([number % 256]) * size
    return Sample(f"k/{number:06d}", {"cls": b"%d" % number, "jpg": image, **fields}, "w", "jpg")


@pytest.fixture
def sample():
    """The sample of a number: cls and jpg, and more fields by name."""
    return _sample


@pytest.fixture
def write(tmp_path):
    """Write samples, images as they are, into one output; the records."""

    def run(given, /, format="webdataset", folder=None, **options):
        output = open_output(
            format, str(folder or tmp_path / "out"), "train", lambda i: f"train-{i:06d}", **options
        )
        for one in given:
            output.add(one, one.fields.get(one.image_field), one.image_field)
        return output.close()

    return run
