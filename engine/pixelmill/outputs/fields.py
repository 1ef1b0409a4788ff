"""Fields: what of a sample an output writes."""

from pixelmill.errors import EncodeError
from pixelmill.sample import Sample


def written_fields(sample: Sample, image: bytes | None, extension: str) -> dict[str, bytes]:
    """The sample's fields in order, `image` as `extension` in the place of the image field.

    EncodeError, reason "name_taken", where another field has that name already.
    """
    fields, old = sample.fields, sample.image_field
    if image is None:
        return fields
    if extension == old and old in fields:
        return {**fields, old: image}  # a key that is there keeps its place
    if extension in fields:
        raise EncodeError(
            f"{sample.where} {sample.key}: the image would be written as {extension!r}, and "
            "another field has that name; choose another format, or another `source.image`",
            "name_taken",
        )
    if old not in fields:
        return {**fields, extension: image}
    return {
        (extension if name == old else name): (image if name == old else data)
        for name, data in fields.items()
    }
