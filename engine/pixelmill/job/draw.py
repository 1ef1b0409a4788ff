"""Draw: which samples an output takes, and how often; balanced by class, weighted, or a part."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)


class Draw(BaseModel):
    """Which samples an output takes, and how often; with nothing said but `samples`, a random part.

    A place is a field (`cls`) or a value in a field's JSON (`json.label`).
    `balance`: the place of the class; each class is drawn equally often.
    `weights`, `by`: how often a sample of a class is drawn, against those of classes that are not
    named, which are drawn once; `by` is the place of the class.
    `weight`: the place of a number; samples are drawn in proportion to it.
    `samples`: how many are drawn in all; as many as there are if left out.  With `balance` also
    "largest" or "smallest": as many of each class as the largest or the smallest one has.
    `replacement`: each draw is independent of those before.  Else a sample comes again only once
    all that have its chances came, and 1.3 times is once or twice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    balance: Annotated[str, Field(min_length=1)] | None = None
    weights: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] | None = None
    by: Annotated[str, Field(min_length=1)] = "cls"
    weight: Annotated[str, Field(min_length=1)] | None = None
    samples: Annotated[int, Field(ge=1)] | Literal["largest", "smallest"] | None = None
    replacement: bool = False

    @property
    def place(self) -> str:
        """Where the class of a sample stands; "" where no class has a say."""
        return self.balance or (self.by if self.weights is not None else "")

    @field_validator("weights", mode="before")
    @classmethod
    def _classes_are_text(cls, value: Any) -> Any:
        """YAML reads the class 3 as a number."""
        return {str(k): v for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _words_fit(self) -> "Draw":
        ways = {"balance": self.balance, "weights": self.weights, "weight": self.weight}
        given = [word for word, value in ways.items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are two ways to draw; give one of them")
        if isinstance(self.samples, str) and self.balance is None:
            raise ValueError(
                f"samples: {self.samples} is a size of classes that are balanced; add "
                "`balance: cls`, or give a number"
            )
        if not given and self.samples is None:
            raise ValueError("give balance, weights or weight, or a number of samples")
        return self

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        if self.weights is None:
            del told["by"]
        return {word: value for word, value in told.items() if value is not None}
