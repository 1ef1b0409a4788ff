"""What decoding at a smaller scale costs in fidelity: PSNR against the full decode.

    python -m bench.pipeline.fidelity

Reference: the full decode, resized by the formula in float64 (no rounding between the passes).
Compared with it, before anything is encoded again: the engine's full decode and resize, its scaled
decode (at least twice the target, as it is by default) and a decode of just at least the target.
"""

import tempfile
from statistics import mean

import numpy as np
import numpy.typing as npt

from bench.pipeline.facts import save
from bench.pipeline.rivals import jpegs, target
from pixelmill.codecs import decode, peek
from pixelmill.codecs.options import Decode
from pixelmill.demo.samples import write_samples
from pixelmill_kernels.resize import resize

SAMPLES = {"imagenet": 100, "web": 60, "camera": 16}
TIMES = {"full decode": None, "at least twice the target": 2, "at least the target": 1}


def main() -> None:
    figures: dict[str, dict[str, float]] = {}
    for kind, count in SAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            images = list(jpegs(write_samples(folder, count, 1, size=kind)))
        found = {name: [_psnr(data, times) for data in images] for name, times in TIMES.items()}
        figures[kind] = {name: round(mean(values), 2) for name, values in found.items()}
        print(kind, figures[kind])
    save("pipeline-fidelity", {"psnr_db": figures, "images": SAMPLES})


def _psnr(data: bytes, times: int | None) -> float:
    header = peek(data)
    height, width = target(header.height, header.width)
    least = None if times is None else (times * height, times * width)
    full = decode(data, Decode(color="rgb"), header).image
    exact = by_the_formula(full, (height, width))
    image = decode(data, Decode(color="rgb"), header, least).image
    found = resize(image, (height, width)).astype(float)
    # Levels that are exactly alike would give infinity; rounding alone leaves 59 dB.
    return float(10 * np.log10(255**2 / max(np.mean((found - exact) ** 2), 1e-9)))


def by_the_formula(image: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Bicubic with antialiasing, both passes as float64 matrix products."""
    down, across = (_matrix(m, n) for m, n in zip(image.shape, size, strict=False))
    return np.clip(
        np.einsum("ij,jkc,lk->ilc", down, image.astype(float), across, optimize=True), 0, 255
    )


def _matrix(n_in: int, n_out: int) -> npt.NDArray[np.float64]:
    """Keys' cubic, a = -0.5, stretched by the reduction, its rows scaled to one."""
    scale = n_in / n_out
    stretch = max(scale, 1.0)
    centres = (np.arange(n_out)[:, None] + 0.5) * scale
    x = np.abs((np.arange(n_in)[None, :] + 0.5 - centres) / stretch)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = np.where(x < 1, near, np.where(x < 2, far, 0.0))
    scaled: npt.NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return scaled


if __name__ == "__main__":
    main()
