"""Standard: three jobs that stand for many, on photographs that everybody has."""

from typing import Any

from pixelmill.job import Job

JOBS: dict[str, dict[str, Any]] = {
    "shards to shards": {"transforms": [{"resize": 256}]},
    "tensors": {
        "transforms": [{"resize": 256}, {"center_crop": 224}, {"normalize": "imagenet"}],
        "outputs": [{"image": {"format": "npy", "dtype": "float32", "layout": "chw"}}],
    },
    "augmented": {
        "transforms": [
            {"random_resized_crop": 224},
            "flip",
            {"color_jitter": {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}},
        ]
    },
}
FIRST = next(iter(JOBS))


def standard_job(name: str, shards: list[str], **more: Any) -> Job:
    """JPEG of quality 90 goes out, but for tensors; `more` of a job's words replace some."""
    return Job(**{"source": shards, "output": "unused", **JOBS[name], **more})
