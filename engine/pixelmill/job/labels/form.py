"""Form: what the labels of every dataset have in common."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

Column = Annotated[str, Field(min_length=1)]


class FormOfLabels(BaseModel):
    """Tables that say what is in the images, joined to them by key.

    `without_row`: an image that no row names goes to "quarantine", or "keep" keeps it unlabelled.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # The words that are URLs.
    urls: ClassVar[tuple[str, ...]] = ("table",)

    without_row: Literal["quarantine", "keep"] = "quarantine"

    @property
    def tells_classes(self) -> bool:
        """Whether the tables say what is in the images, and not only whose they are."""
        return True

    @property
    def lists_images(self) -> bool:
        """Whether the rows say where the images are, so that no folder need be searched."""
        return False

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        return {word: value for word, value in told.items() if value not in (None, {}, [])}
