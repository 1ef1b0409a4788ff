"""Published: what a file of a stranger provokes that is not built as its dataset's are."""

from collections.abc import Iterator
from contextlib import contextmanager

from pixelmill import storage
from pixelmill.errors import JobError, PixelmillError

# A list where an object should be, a name that is lacking, a word for a number.
UNLIKE = (
    *(AttributeError, IndexError, KeyError, TypeError, ValueError),
    *(OverflowError, RecursionError),
)


@contextmanager
def as_published(url: str) -> Iterator[None]:
    """JobError where the file turns out to be built another way."""
    try:
        yield
    except PixelmillError:
        raise
    except UNLIKE as error:
        raise JobError(
            [
                f"{storage.masked(url)}: is not built as this dataset's files are "
                f"({type(error).__name__}: {error}); give the file as it was published"
            ]
        ) from error
