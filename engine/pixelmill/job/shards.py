"""Shards: when an output shard is full, within a task or across all of them."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

# Left out where they say nothing, so that jobs of before they existed keep their fingerprints.
_NEWER = {"equal": False, "count": None, "divisible_by": None, "last": "keep"}


class Shards(BaseModel):
    """When an output shard is full; with nothing said, one output shard for each task.

    `samples`, `bytes`: a task begins a new shard after so many samples, or before so many bytes.
    `equal`: shards are cut across tasks, so that all but the last hold `samples` (or as much as
    goes into `bytes`).
    `count`: so many shards, cut across tasks; their sizes differ by one at most.
    `divisible_by`: the number of shards is a multiple of this (world size times loader workers),
    none holds more than `samples`, and their sizes differ by one at most.
    `last`: what cannot be shared out equally is kept, dropped, or padded by samples that repeat;
    with drop and pad all shards hold the same number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    samples: Annotated[int, Field(ge=1)] | None = None
    bytes: Annotated[ByteSize, Field(ge=1)] | None = None
    equal: bool = False
    count: Annotated[int, Field(ge=1)] | None = None
    divisible_by: Annotated[int, Field(ge=1)] | None = None
    last: Literal["keep", "drop", "pad"] = "keep"

    @property
    def across_tasks(self) -> bool:
        """Whether a shard may hold samples of several tasks."""
        return self.equal or self.count is not None or self.divisible_by is not None

    @model_validator(mode="after")
    def _words_fit(self) -> "Shards":
        if self.count and (self.samples or self.divisible_by or self.equal):
            raise ValueError(
                "count says how many shards there are, samples how many each holds; give one of "
                "them (equal and divisible_by go with samples)"
            )
        if self.equal and not (self.samples or self.bytes):
            raise ValueError("equal needs `samples`: how many a shard is to hold; add it")
        if self.divisible_by and not self.samples:
            raise ValueError("divisible_by needs `samples`: how many a shard holds at most; add it")
        if self.bytes and self.across_tasks and not self._by_bytes_alone():
            raise ValueError(
                "bytes: shards that are cut across tasks are counted in samples, or all but the "
                "last are as full as goes into `bytes`; write samples or bytes, with equal alone"
            )
        return self

    def _by_bytes_alone(self) -> bool:
        return not (self.samples or self.count or self.divisible_by) and self.last == "keep"

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        return {word: value for word, value in told.items() if _NEWER.get(word, ...) != value}
