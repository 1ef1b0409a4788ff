"""Split: which side (train, val, test, a fold) each sample goes to; each side is an output."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

Side = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Place = Annotated[str, Field(min_length=1)]
# Bits of 64.  Over 4,950 pairs of different ImageNet photographs the nearest differed in 16, and
# JPEG at quality 30 or half the size changed at most 8; chest films look more alike than that.
NEAR = 4


class Split(BaseModel):
    """Which side each sample goes to; the outputs are the sides.

    A place is a field (`cls`) or a value in a field's JSON (`json.group`).
    `fractions`: {train: 0.8, val: 0.1, test: 0.1}, by a hash, so that samples that are added move
    none.  `folds`: so many equal sides, fold-0, fold-1 ...  `lists`: {train: URL ...} of text files
    that name keys (or groups, `by: group`), one a line; `rest` takes what none names.
    `group`: the place of what must not be torn apart: a patient, a scene.  `by`: what is sent to
    one side whole, a "group" (where one is given) or a "key".
    `stratify`: the place of a class, or of a list of them, of which each side gets its share; reads
    the source once before.  `keep`: a CSV of columns `key` (or `group`) and `split`, such as
    OUT/split of an earlier output: what it names stays where it was.
    `leaks`: "fail" where a group, the same pixels or near-duplicates are on two sides, "warn", or
    "off"; near-duplicates differ in at most `distance` of the 64 bits of a perceptual hash.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    fractions: dict[Side, Annotated[float, Field(gt=0, le=1)]] | None = None
    folds: Annotated[int, Field(ge=2)] | None = None
    lists: dict[Side, str] | None = None
    rest: Side | None = None
    group: Place | None = None
    by: Literal["auto", "group", "key"] = "auto"
    stratify: Place | None = None
    keep: str | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    leaks: Literal["warn", "fail", "off"] = "warn"
    distance: Annotated[int, Field(ge=0, le=16)] = NEAR

    @property
    def shares(self) -> dict[str, float]:
        """The fraction of each side that is drawn for; none where lists say all."""
        if self.folds:
            return {f"fold-{number}": 1 / self.folds for number in range(self.folds)}
        return dict(self.fractions or {})

    @property
    def sides(self) -> list[str]:
        """The sides in order; their outputs have the same names."""
        rest = [self.rest] if self.rest else []
        return list(dict.fromkeys([*(self.lists or {}), *rest, *self.shares]))

    @property
    def groups(self) -> bool:
        """Whether groups, and not keys, are sent to one side whole."""
        listed = self.by == "auto" and self.lists is not None
        return self.group is not None and self.by != "key" and not listed

    @property
    def is_decided(self) -> bool:
        """Whether a hash alone does not tell the side."""
        return bool(self.lists or self.keep or self.stratify)

    def guessed(self) -> "Split":
        """One of as many sides that is told by keys alone, for an estimate."""
        shares = self.shares or {side: 1 / len(self.sides) for side in self.sides}
        return Split(fractions=shares, seed=self.seed, leaks=self.leaks)

    @model_validator(mode="after")
    def _words_fit(self) -> "Split":
        ways = {"fractions": self.fractions, "folds": self.folds, "lists": self.lists}
        given = [word for word, value in ways.items() if value is not None]
        if len(given) != 1:
            told = " and ".join(given) if given else "nothing"
            raise ValueError(f"expected one of fractions, folds or lists, got {told}")
        total = sum(self.shares.values())
        if self.shares and abs(total - 1) > 1e-6:
            raise ValueError(f"fractions: expected a sum of 1, got {total:g}")
        if self.rest and not self.lists:
            raise ValueError("rest: takes what no list names; add `lists`")
        if self.stratify and self.lists:
            raise ValueError("stratify: lists say already which side; give fractions or folds")
        if self.by == "group" and self.group is None:
            raise ValueError("by: say with `group` where a sample's group stands")
        return self

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        return {word: value for word, value in told.items() if value != defaults[word]}
