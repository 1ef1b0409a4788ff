"""Dataset: what people say of a dataset, for its card and its Croissant file; of no byte of it."""

from datetime import date as Date
from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class Dataset(BaseModel):
    """What the README.md and the croissant.json of the output folder say of it.

    `name`: the folder's own if left out.  `license`: its SPDX identifier or its URL.  `url`: where
    it is told of.  `creator`: who made it.  `citation`: how to cite it.  `date`: when it was
    published.  `version`: MAJOR.MINOR.PATCH.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    description: str = ""
    license: str = ""
    url: str = ""
    creator: str = ""
    citation: str = ""
    date: Date | None = None
    version: str = ""

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        return {word: value for word, value in told.items() if value}
