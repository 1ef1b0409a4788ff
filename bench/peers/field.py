"""Field: who takes part, and the rows of the table in the order in which they run."""

from dataclasses import dataclass, field
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
OURS = "pixelmill"


@dataclass(frozen=True, slots=True)
class Peer:
    """One row: `loop` is its module in loops/, `venv` its environment; its name if not said.

    `times` is how often it reads the shards within one run, where it takes seconds to begin; those
    are then less of the figure.  `patience` are the seconds for one answer, where others' would be
    wasted.  `large_only` are ways that differ from another row only on
    photographs of more than twice the target.  `cannot` says why it has no part in a job.
    """

    name: str
    title: str
    loop: str = ""
    venv: str = ""
    times: int = 1
    patience: float | None = None
    large_only: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    cannot: dict[str, str] = field(default_factory=dict)

    @property
    def module(self) -> str:
        return self.loop or self.name

    @property
    def home(self) -> str:
        return self.venv or self.name

    @property
    def is_own(self) -> bool:
        """Whether it runs in pixelmill's environment."""
        return self.home == OURS


_NO_KERNELS = {"J3": "no functions from NumPy to NumPy"}
_FRAMEWORK = {"J3": "has no kernels of its own"}
_OWN_FORMAT = {"J2": "reads its own format only"}
_READER = {**_NO_KERNELS, "J1": "reads only"}
_SAME = "as the row above"

FIELD = [
    Peer("floor", "codec floor: decode and encode alone", venv=OURS, cannot={"J3": "no codec"}),
    Peer(
        "floor_scaled", "the same, decoding at 1/2, 1/4, 1/8", venv=OURS, large_only=True,
        cannot={"J3": "no codec", "J4": _SAME},
    ),
    Peer(OURS, "pixelmill"),
    Peer(
        "pixelmill_command", "`pixelmill run`, a process a run", venv=OURS,
        cannot=dict.fromkeys(("J2", "J3", "J4"), "it writes shards"),
    ),
    Peer("pillow", "webdataset + Pillow"),
    Peer(
        "pillow_draft", "webdataset + Pillow with `draft`", venv="pillow", large_only=True,
        cannot={"J3": _SAME, "J4": _SAME},
    ),
    Peer("pillow_simd", "webdataset + Pillow-SIMD", loop="pillow"),
    Peer(
        "pillow_simd_draft", "webdataset + Pillow-SIMD with `draft`", loop="pillow_draft",
        venv="pillow_simd", large_only=True, cannot={"J3": _SAME, "J4": _SAME},
    ),
    Peer("opencv", "webdataset + OpenCV"),
    Peer(
        "opencv_scaled", "webdataset + OpenCV, scaled decode", venv="opencv", large_only=True,
        cannot={"J3": _SAME, "J4": _SAME},
    ),
    Peer(
        "simplejpeg_opencv", "tarfile + simplejpeg + OpenCV",
        cannot={"J1": "tensors only", "J3": "as OpenCV"},
    ),
    Peer("torchvision", "torchvision v2"),
    Peer("vips", "pyvips `thumbnail`"),
    Peer("kornia", "kornia-rs"),
    Peer("dali", "NVIDIA DALI, CPU", cannot=_NO_KERNELS),
    Peer("ray_data", "Ray Data + OpenCV", times=2, cannot=_FRAMEWORK),
    Peer(  # with one core in its mask its reader never ends
        "daft", "Daft + OpenCV", environment={"DO_NOT_TRACK": "true"}, patience=25,
        cannot=_FRAMEWORK,
    ),
    Peer(
        "img2dataset", "img2dataset's resizer",
        cannot={"J2": "writes only", "J3": "as OpenCV", "J4": "writes only"},
    ),
    Peer("litdata", "litData + torchvision", cannot={**_FRAMEWORK, **_OWN_FORMAT}),
    Peer("mosaic", "MosaicML streaming + torchvision", cannot={**_FRAMEWORK, **_OWN_FORMAT}),
    Peer("spdl", "SPDL", cannot=_READER),
    Peer("ffcv", "FFCV, JPEG", cannot={**_READER, **_OWN_FORMAT}),
    Peer("ffcv_raw", "FFCV, raw pixels", venv="ffcv", cannot={**_READER, **_OWN_FORMAT}),
]  # fmt: skip
BY_NAME = {peer.name: peer for peer in FIELD}
FLOORS = ("floor", "floor_scaled")
