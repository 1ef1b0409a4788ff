"""What each way of denoising gains on photographs with known noise, and what it takes.

    python -m bench.kernels.psnr

Gaussian noise of 10, 15 and 25 levels is added to photographs of 256 x 299 pixels.  Ours are told
the noise's strength and turn it into their own numbers as the transform does; the rivals are given,
for each strength, the best of several numbers.  Means over the photographs; one core, CPU time.
"""

import argparse
from collections.abc import Callable
from time import thread_time

import cv2
import numpy as np
from bench.pipeline.facts import save
from skimage import restoration

from pixelmill.demo.cut import photograph
from pixelmill.sample import Sample
from pixelmill.transforms.denoise import Denoise

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket")
SIGMAS = (10, 15, 25)
SIZE = (299, 256)

OURS = {
    "median 3": Denoise("median"),
    "gaussian 0.8": Denoise("gaussian"),
    "bilateral 5": Denoise("bilateral"),
    "bilateral 9": Denoise("bilateral", size=9),
    "diffusion 4": Denoise("diffusion"),
    "tv 20": Denoise("tv"),
    "nlm 7/21": Denoise("nlm"),
    "wavelet 3": Denoise("wavelet"),
}

Filter = Callable[[np.ndarray, float], np.ndarray]


def _nlm_colored(image: np.ndarray, h: float) -> np.ndarray:
    return cv2.fastNlMeansDenoisingColored(image, None, h, h, 7, 21)


def _nlm_skimage(image: np.ndarray, h: float) -> np.ndarray:
    return restoration.denoise_nl_means(
        image.astype(np.float32), 7, 10, h, channel_axis=-1, preserve_range=True
    )


def _wavelet_skimage(image: np.ndarray, sigma: float) -> np.ndarray:
    return 255 * restoration.denoise_wavelet(
        image / 255, sigma / 255, convert2ycbcr=True, rescale_sigma=True, channel_axis=-1
    )


def _tv_skimage(image: np.ndarray, weight: float) -> np.ndarray:
    return 255 * restoration.denoise_tv_chambolle(image / 255, weight / 255, channel_axis=-1)


# A rival, and what shares of the noise's strength its number is tried at.
RIVALS: dict[str, tuple[Filter, tuple[float, ...]]] = {
    "opencv fastNlMeansDenoisingColored 7/21": (_nlm_colored, (0.4, 0.5, 0.6, 0.8, 1.0)),
    "scikit-image nl_means 7/21": (_nlm_skimage, (0.8, 1.0, 1.2)),
    "scikit-image wavelet": (_wavelet_skimage, (0.8, 1.0, 1.2)),
    "scikit-image tv_chambolle": (_tv_skimage, (0.5, 0.7, 1.0)),
}


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    cv2.setNumThreads(1)
    table = {}
    for sigma in SIGMAS:
        pairs = [_pair(name, sigma) for name in PHOTOS]
        rows = {"noisy": {"psnr": _mean_psnr([noisy for _, noisy in pairs], pairs), "ms": 0.0}}
        for name, step in OURS.items():
            told = step if step.strength is None else _told(step, sigma)
            rows[name] = _row(lambda image, told=told: _denoised(told, image), pairs)
        for name, (run, shares) in RIVALS.items():
            tried = [
                _row(lambda image, run=run, h=share * sigma: run(image, h), pairs)
                for share in shares
            ]
            rows[name] = max(tried, key=lambda row: row["psnr"])
        table[f"sigma {sigma}"] = rows
        _show(sigma, rows)
    save("denoise-psnr", {"photographs": PHOTOS, "size": SIZE, "by_noise": table})


def _pair(name: str, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """The photograph, and the photograph with noise."""
    clean = np.asarray(photograph(name).convert("RGB").resize(SIZE), float)
    noise = np.random.default_rng([sigma, PHOTOS.index(name)]).normal(0, sigma, clean.shape)
    return clean, np.clip(np.rint(clean + noise), 0, 255).astype(np.uint8)


def _told(step: Denoise, sigma: float) -> Denoise:
    return Denoise(step.method, size=step.size, strength=float(sigma))


def _denoised(step: Denoise, image: np.ndarray) -> np.ndarray:
    return step(Sample("a", image=image, size=image.shape[:2])).pixels


def _row(run: Callable[[np.ndarray], np.ndarray], pairs: list) -> dict[str, float]:
    results = [run(noisy) for _, noisy in pairs]
    seconds = min(_seconds(run, pairs[0][1]) for _ in range(3))
    return {"psnr": _mean_psnr(results, pairs), "ms": round(seconds * 1e3, 3)}


def _seconds(run: Callable[[np.ndarray], np.ndarray], image: np.ndarray) -> float:
    start = thread_time()
    run(image)
    return thread_time() - start


def _mean_psnr(results: list[np.ndarray], pairs: list) -> float:
    errors = [
        ((np.clip(result, 0, 255) - clean) ** 2).mean()
        for result, (clean, _) in zip(results, pairs, strict=True)
    ]
    return round(float(np.mean([10 * np.log10(255**2 / error) for error in errors])), 2)


def _show(sigma: float, rows: dict[str, dict[str, float]]) -> None:
    before = rows["noisy"]["psnr"]
    print(f"noise of {sigma} levels: {before} dB")
    for name, row in rows.items():
        print(f"  {name:42} {row['psnr']:6.2f} dB {row['psnr'] - before:+6.2f} {row['ms']:9.3f} ms")


if __name__ == "__main__":
    main()
