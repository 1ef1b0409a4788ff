import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def rng():
    return np.random.default_rng(seed=20240)


@pytest.fixture
def photo():
    """photo(height, width): smooth colours with some grain; every side differs."""

    def make(height=61, width=83, channels=3):
        y, x = np.mgrid[0:height, 0:width]
        waves = [
            127 + 90 * np.sin(x / (9 + c) + y / (23 - 4 * c) + c) + 20 * (x > width // 2)
            for c in range(channels)
        ]
        grain = np.random.default_rng(7).normal(0, 4, (height, width, channels))
        return np.clip(np.stack(waves, axis=2) + grain, 0, 255).astype(np.uint8)

    return make


@pytest.fixture
def saved():
    """saved(array or image, format, ...): the bytes that Pillow writes."""

    def save(image, format, **options):
        if isinstance(image, np.ndarray):
            image = Image.fromarray(image[..., 0] if image.shape[2:] == (1,) else image)
        out = BytesIO()
        image.save(out, format, **options)
        return out.getvalue()

    return save


@pytest.fixture
def pixels():
    """pixels(data, mode): what Pillow makes of bytes, (height, width, channels)."""

    def load(data, mode=None):
        image = Image.open(BytesIO(data))
        levels = np.asarray(image.convert(mode) if mode else image)
        return levels[..., None] if levels.ndim == 2 else levels

    return load


@pytest.fixture(scope="session")
def corpus():
    """Every broken or odd file of the corpus beside the checkout."""
    beside = Path(__file__).parents[2].parent / "shared" / "corpus"
    root = Path(os.environ.get("PIXELMILL_CORPUS", beside))
    if not root.is_dir():
        pytest.skip(f"no corpus at {root}; set PIXELMILL_CORPUS to its folder")
    return sorted(path for path in root.rglob("*") if path.is_file())
