"""Promise: the answer of a simulated actor, as Ray's references and their futures behave."""

from collections.abc import Callable
from typing import Any


class Promise:
    """Not there yet, a value, or an error; each is told to whoever asked."""

    def __init__(self) -> None:
        self._tell: list[Callable[[Any], object]] = []
        self._done, self._value, self._error = False, None, None

    def future(self) -> "Promise":
        return self

    def add_done_callback(self, tell: Callable[[Any], object]) -> None:
        if self._done:
            tell(self)
        else:
            self._tell.append(tell)

    def keep(self, value: Any = None, error: BaseException | None = None) -> None:
        """It is there; a second answer is one too late."""
        if not self._done:
            self._done, self._value, self._error = True, value, error
            for tell in self._tell:
                tell(self)

    def exception(self) -> BaseException | None:
        return self._error

    def result(self) -> Any:
        return self._value
