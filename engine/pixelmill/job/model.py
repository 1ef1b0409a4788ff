"""Job: what the user asks for, as one typed model behind the command line, the file and Python."""

from dataclasses import asdict
from os import PathLike, fspath
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)

from pixelmill.annotations.options import Annotations
from pixelmill.codecs.options import MAX_SCANS, Decode, Dicom, Encode
from pixelmill.errors import JobError
from pixelmill.job.dataset import Dataset
from pixelmill.job.draw import Draw
from pixelmill.job.labels import Labels
from pixelmill.job.mistakes import mistakes_of
from pixelmill.job.shards import Shards
from pixelmill.job.split import Split
from pixelmill.job.steps import makes_floats, step_from, step_schema, step_spec
from pixelmill.shards.members import MAX_MEMBER

# Left out where they say nothing, so that jobs of before they existed keep their fingerprints.
_NEWER = {
    "annotations": asdict(Annotations()),
    "dataset": {},
    "shuffle": False,
    "split": None,
    "statistics": "counts",
    "untouched": False,
}
_NEWER_WITHIN = (
    ("decode", "max_scans", MAX_SCANS),
    ("decode", "dicom", asdict(Dicom())),
    ("source", "max_sample", MAX_MEMBER),
    ("source", "labels", None),
)
# What a job file says that the output's bytes do not depend on.
NO_BYTES = frozenset(["dataset", "executor", "max_failures", "output", "pixelmill"])

Step = Annotated[
    Any,
    BeforeValidator(step_from),
    PlainSerializer(step_spec),
    WithJsonSchema(step_schema()),
]
"""A transform: `resize: 256`, `resize: {size: 256}` or `package.module:Class: {...}` in a file."""


def as_url(value: Any) -> Any:
    """A path of pathlib as the text that it stands for."""
    return fspath(value) if isinstance(value, PathLike) else value


class _Strict(BaseModel):
    """Mistakes of `Job(...)` in Python are told as those of a file are: JobError names all."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    def __init__(self, **options: Any) -> None:
        try:
            super().__init__(**options)
        except ValidationError as error:
            raise JobError(mistakes_of(error, type(self))) from error

    # For pydantic, no __init__ of our own: it would call it for each model within a file, too, and
    # the places and lines of the mistakes were lost.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class Source(_Strict):
    """Where samples come from.

    `urls`: tars, Parquet files or folders; braces, globs, `a::b` lists and `@file` are expanded.
    `kind`: "auto" finds it out; "nested" are tars of tars, the inner ones' names being classes.
    `image`: the extension that holds the image ("jpg", or "jpg;png"), "auto" for the first one.
    `key`: the Parquet column that names a sample.  `batch`: images (or rows) to a task, where the
    source is a folder or Parquet.  `per_task`: input shards to a task.  `max_sample`: the most
    bytes that a file, or all files of a sample, may have; what is larger goes to quarantine.
    `labels`: a table that says what is in the images, which becomes their json and cls.
    `kind`: "listed" takes the images that the rows of `labels` name, and no others; `urls` is then
    the table itself.
    """

    urls: Annotated[list[str], Field(min_length=1)]
    kind: Literal["auto", "webdataset", "nested", "folder", "parquet", "listed"] = "auto"
    image: str = "auto"
    key: str | None = None
    batch: Annotated[int, Field(ge=1)] = 1000
    per_task: Annotated[int, Field(ge=1)] = 1
    max_sample: Annotated[ByteSize, Field(ge=1)] = ByteSize(MAX_MEMBER)
    labels: Labels | None = None

    @field_validator("urls", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [as_url(one) for one in value]
        return [as_url(value)] if isinstance(value, str | PathLike) else value

    @model_validator(mode="after")
    def _rows_say_where(self) -> "Source":
        if self.kind == "listed" and not (self.labels and self.labels.lists_images):
            raise ValueError(
                "kind: listed takes the images that `labels` name; give a table with `images`, "
                "where its paths begin, or a Labelbox export with `download: true`"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _bare_urls(cls, value: Any) -> Any:
        return {"urls": value} if isinstance(value, str | PathLike | list | tuple) else value


class Output(_Strict):
    """One set of output shards: its name begins the shards' names, its own transforms come last.

    `sample`: which samples it takes, and how often; all of them once if left out.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "train"
    format: Literal["webdataset", "parquet"] = "webdataset"
    image: Encode = Encode()
    transforms: list[Step] = []
    shards: Shards = Shards()
    index: bool = False
    sample: Draw | None = None

    @field_validator("image", mode="before")
    @classmethod
    def _bare_format(cls, value: Any) -> Any:
        return {"format": value} if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        return {word: value for word, value in told.items() if (word, value) != ("sample", None)}


class WorkerNeeds(_Strict):
    """What one worker on Ray asks of its node.

    `cpus`: so many samples at once.  `memory`: bytes that Ray sets aside for it.  `resources`:
    names that you gave to nodes, and how much of each.
    """

    cpus: Annotated[int, Field(ge=1)] = 1
    memory: Annotated[ByteSize, Field(ge=1)] | None = None
    resources: dict[str, Annotated[float, Field(gt=0)]] = {}


class Stragglers(_Strict):
    """When a task on Ray is run a second time elsewhere; the first of the two to commit wins.

    It must take `times` as long a byte as the median task, and `after` seconds at least; nothing
    else may wait.
    """

    times: Annotated[float, Field(gt=1)] = 3.0
    after: Annotated[float, Field(ge=0)] = 30.0


class Executor(_Strict):
    """Where tasks run; it changes nothing about the bytes that are written.

    `kind`: "inline" (threads of this process), "ray", or "auto".  `workers`: how many at once; if
    left out as many as there are cores, and on Ray as many as its nodes have room for at any time.
    `ray_address`: a running cluster, "auto" to find it; a local one is started if left out.
    `memory`: bytes of decoded pixels that one process may hold.  `stall`: seconds after which a
    task of which nothing moves is told of, and on Ray is run elsewhere.
    `isolate`: whose samples are worked on in processes of their own, so that one that crashes,
    hangs or takes all memory is the only one lost: "suspects" (tasks that died or hung once; inline
    only `pixelmill run` and `retry` can go on after a crash), "always" or "never".
    `sample_seconds`: the time limit of one sample.
    """

    kind: Literal["auto", "inline", "ray"] = "auto"
    workers: Annotated[int, Field(ge=1)] | None = None
    ray_address: str | None = None
    dashboard: bool = False
    memory: Annotated[ByteSize, Field(ge=1)] = ByteSize(2**30)
    worker: WorkerNeeds = WorkerNeeds()
    stragglers: Stragglers = Stragglers()
    stall: Annotated[float, Field(gt=0)] = 600.0
    isolate: Literal["suspects", "always", "never"] = "suspects"
    sample_seconds: Annotated[float, Field(gt=0)] = 600.0


class Job(_Strict):
    """Read samples from `source`, decode, transform, write every output into the folder `output`.

    `max_failures`: how many samples may go to quarantine: a count, or a fraction below 1.
    `seed`: every random draw is a function of it, the sample's key and the transform.
    `shuffle`: the samples of all tasks in one random order, a function of seed and keys; an output
    whose shards say nothing then has as many of them as there are tasks.
    `untouched`: samples are copied as they are, whatever their fields; nothing is decoded.
    `split`: each sample goes to one side of it; the outputs are its sides, and one that has no
    name, or none, stands for all of them.
    `statistics`: what the manifest tells of what was written: "counts" of sizes, classes and boxes,
    with "levels" the exact mean and spread of each channel too, which takes 1 to 2 % more; "none".
    `dataset`: its name, licence and the like, for the card and the Croissant file.
    """

    source: Source
    output: Annotated[str, BeforeValidator(as_url), Field(min_length=1)]
    decode: Decode = Decode()
    annotations: Annotations = Annotations()
    transforms: list[Step] = []
    outputs: Annotated[list[Output], Field(min_length=1)] = [Output()]
    seed: Annotated[int, Field(ge=0)] = 0
    shuffle: bool = False
    untouched: bool = False
    split: Split | None = None
    statistics: Literal["counts", "levels", "none"] = "counts"
    max_failures: Annotated[int | float, Field(ge=0)] = 0.01
    dataset: Dataset = Dataset()
    executor: Executor = Executor()

    @model_validator(mode="before")
    @classmethod
    def _one_output_is_every_side(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not value.get("split"):
            return value
        outputs = value.get("outputs") or [{}]
        bare = len(outputs) == 1 and isinstance(outputs[0], dict) and "name" not in outputs[0]
        try:
            sides = Split.model_validate(value["split"]).sides
        except ValidationError:  # told where it stands
            return value
        return {**value, "outputs": [{**outputs[0], "name": s} for s in sides]} if bare else value

    @model_validator(mode="after")
    def _outputs_are_sides(self) -> "Job":
        names, sides = {output.name for output in self.outputs}, self.split and self.split.sides
        if sides and names != set(sides):
            raise ValueError(
                f"outputs: expected one for each side of the split ({', '.join(sides)}), got "
                f"{', '.join(sorted(names))}; give them these names, or leave the names out"
            )
        return self

    @model_validator(mode="after")
    def _outputs_fit(self) -> "Job":
        names = [output.name for output in self.outputs]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"outputs: two of them are named {name!r}; give each its own name")
        for index, output in enumerate(self.outputs):
            if output.image.format != "npy" and makes_floats(
                [*self.transforms, *output.transforms]
            ):
                raise ValueError(
                    f"outputs[{index}].image.format: {output.image.format} holds no floats, which "
                    "normalize makes; write `image: {format: npy, dtype: float32, layout: chw}`"
                )
        return self

    @model_validator(mode="after")
    def _exchange_fits(self) -> "Job":
        for index, output in enumerate(self.outputs):
            rows = output.format == "parquet" and output.shards.across_tasks
            if output.shards.bytes and (self.shuffle or rows):
                raise ValueError(
                    f"outputs[{index}].shards.bytes: shards that are shuffled, or of Parquet and "
                    "cut across tasks, are counted in samples; write `shards: {samples: N}` or "
                    "{count: N} instead"
                )
            if output.sample and not self.shuffle:
                raise ValueError(
                    f"outputs[{index}].sample: samples that are drawn stand in random order; add "
                    "`shuffle: true`"
                )
            if output.shards.last != "keep" and not self.exchanges(output):
                raise ValueError(
                    f"outputs[{index}].shards.last: {output.shards.last} is for shards that are "
                    "cut across tasks; add equal, count or divisible_by"
                )
        return self

    @model_validator(mode="after")
    def _untouched_fits(self) -> "Job":
        only = self.outputs[0]
        steps = self.transforms or only.transforms
        several = len(self.outputs) > 1 and not self.split
        if self.untouched and (steps or several or only.format != "webdataset"):
            raise ValueError(
                "untouched: samples are copied into one output of tars; leave out transforms, "
                "other outputs and other formats"
            )
        return self

    def exchanges(self, output: Output) -> bool:
        """Whether the samples of an output change places between tasks."""
        return self.shuffle or output.shards.across_tasks

    @property
    def surveys(self) -> bool:
        """Whether samples are copied in the order that they have, and need no stop on the way."""
        whole = self.untouched and not self.shuffle and not self.split
        return whole and self.outputs[0].shards.across_tasks

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        for place, word, value in _NEWER_WITHIN:
            if told.get(place, {}).get(word) == value:
                del told[place][word]
        return {word: value for word, value in told.items() if _NEWER.get(word, ...) != value}

    def shapes_bytes(self) -> dict[str, Any]:
        """The part of the job that the output's bytes depend on, as plain JSON values."""
        return self.model_dump(mode="json", exclude={*NO_BYTES})
