"""Steps: from a job's words for a transform to the transform, and back.

`center_crop` names the class CenterCrop in pixelmill.transforms.center_crop; a user's own class is
named `package.module:Class`.  Both are built from their arguments, and say them again on demand.
"""

import dataclasses
import importlib
import inspect
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from pixelmill.job.words import did_you_mean, said, unknown_option

BUILTIN = (
    "affine",
    "aug_mix",
    "autocontrast",
    "bands",
    "brightness",
    "brightness_range",
    "center_crop",
    "clahe",
    "color_jitter",
    "contrast",
    "cutout",
    "denoise",
    "elastic",
    "equalize",
    "flip",
    "gamma",
    "gaussian_noise",
    "grayscale",
    "hue",
    "invert",
    "jpeg_artefacts",
    "max_aspect",
    "min_entropy",
    "min_sharpness",
    "min_size",
    "motion_blur",
    "normalize",
    "pad",
    "perspective",
    "poisson_noise",
    "posterize",
    "rand_augment",
    "random_erasing",
    "random_resized_crop",
    "resize",
    "rotate",
    "rotate90",
    "salt_and_pepper",
    "saturation",
    "sharpness",
    "shear",
    "solarize",
    "speckle",
    "trivial_augment",
    "window",
)
_HOME = "pixelmill.transforms"


def step_from(spec: Any) -> Any:
    """A transform from `name`, `{name: arguments}`, or a transform that is one already."""
    if isinstance(spec, str):
        return _built(spec, {})
    if isinstance(spec, dict):
        if len(spec) != 1:
            raise _mistake(
                f"expected one `name: arguments`, got the keys {sorted(map(str, spec))}; "
                "begin each transform with its own dash"
            )
        ((name, arguments),) = spec.items()
        return _built(str(name), arguments)
    if callable(spec):
        step_spec(spec)  # refuses what could not be written into job.yaml
        return spec
    raise _mistake(f"expected a transform such as `resize: 256`, got {spec!r}")


def step_spec(step: Any) -> dict[str, Any]:
    """`{name: arguments}`: what step_from makes the same transform of."""
    cls = type(step)
    names = [p.name for p in _parameters(cls)]
    missing = [name for name in names if not hasattr(step, name)]
    if missing or "<locals>" in cls.__qualname__ or cls.__module__ == "builtins":
        raise _mistake(
            f"{cls.__qualname__} cannot be written into a job file: it must be a class of a "
            f"module, with its arguments kept as attributes of the same names (missing: {missing})"
        )
    return {step_name(step): {name: _plain(getattr(step, name)) for name in names}}


def step_name(step: Any) -> str:
    """The word for a transform in jobs, messages and counts."""
    cls = type(step)
    module, _, name = cls.__module__.rpartition(".")
    return name if module == _HOME else f"{cls.__module__}:{cls.__qualname__}"


def makes_floats(steps: Iterable[Any]) -> bool:
    return any(getattr(step, "makes_floats", False) for step in steps)


def step_class(name: str) -> Any:
    """The class behind a name in a job."""
    if ":" in name:
        return _users_class(name)
    if name not in BUILTIN:
        raise _mistake(
            f"unknown transform {name!r}{did_you_mean(name, BUILTIN)}; known are "
            f"{', '.join(BUILTIN)}, and your own as `package.module:Class`"
        )
    module = importlib.import_module(f"{_HOME}.{name}")
    return getattr(module, "".join(word.capitalize() for word in name.split("_")))


def step_schema() -> dict[str, Any]:
    """A loose JSON schema for the model's own use; pixelmill.job.schema writes the full one."""
    return {"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1}]}


def _users_class(name: str) -> Any:
    module_name, _, class_name = name.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except ImportError as error:
        raise _mistake(
            f"transform {name!r}: the module {module_name!r} cannot be imported ({error}); "
            "is it installed, or its folder on PYTHONPATH?"
        ) from error
    except AttributeError as error:
        raise _mistake(f"transform {name!r}: {module_name} has no {class_name!r}") from error
    if not (inspect.isclass(found) and callable(getattr(found, "__call__", None))):  # noqa: B004
        raise _mistake(f"transform {name!r} must be a class with __call__(self, sample)")
    return found


def _built(name: str, arguments: Any) -> Any:
    cls = step_class(name)
    known = [p.name for p in _parameters(cls)]
    arguments = _named(name, arguments, known)
    unknown = [key for key in arguments if key not in known]
    mistakes: list[tuple[list[str | int], str]] = [
        ([name, str(key)], unknown_option(str(key), known)) for key in unknown
    ]
    given = {key: value for key, value in arguments.items() if key in known}
    try:
        made = TypeAdapter(cls).validate_python(given) if dataclasses.is_dataclass(cls) else None
        made = cls(**given) if made is None else made
    except ValidationError as error:
        mistakes += [([name, *e["loc"]], said(e)) for e in error.errors()]
    except (TypeError, ValueError) as error:
        mistakes.append(([name], str(error)))
    if mistakes:
        message = "; ".join(f"{'.'.join(map(str, at))}: {told}" for at, told in mistakes)
        raise PydanticCustomError("step", "{message}", {"message": message, "mistakes": mistakes})
    return made


def _named(name: str, arguments: Any, known: list[str]) -> dict[Any, Any]:
    """`resize: 256` is `resize: {size: 256}`: a bare value is the first argument."""
    if arguments is None:
        return {}
    if isinstance(arguments, dict):
        return arguments
    if not known:
        raise _mistake(f"{name} takes no arguments, got {arguments!r}")
    return {known[0]: arguments}


def _parameters(cls: Any) -> list[inspect.Parameter]:
    if cls.__init__ is object.__init__:
        return []
    found = inspect.signature(cls).parameters.values()
    return [p for p in found if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _mistake(message: str) -> PydanticCustomError:
    return PydanticCustomError("step", "{message}", {"message": message})
