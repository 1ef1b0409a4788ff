"""Schema: the JSON schema of the job file, for editors that complete and check it."""

import dataclasses
from typing import Any

from pydantic import TypeAdapter

from pixelmill.job.model import Job
from pixelmill.job.steps import BUILTIN, step_class


def job_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a job file, with every transform and its options."""
    schema = Job.model_json_schema()
    definitions = schema["$defs"]
    choices = [_choice(name, definitions) for name in BUILTIN]
    custom = {
        "type": "object",
        "patternProperties": {r"^[\w.]+:\w+$": {}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    definitions["Step"] = {"anyOf": [*choices, custom, {"enum": list(BUILTIN)}]}
    for place in (schema["properties"], definitions["Output"]["properties"]):
        place["transforms"]["items"] = {"$ref": "#/$defs/Step"}
    bare = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    source = schema["properties"]["source"]
    schema["properties"]["source"] = {"anyOf": [*bare["anyOf"], source]}
    image = definitions["Output"]["properties"]["image"]
    formats = definitions["Encode"]["properties"]["format"]["enum"]
    definitions["Output"]["properties"]["image"] = {"anyOf": [{"enum": formats}, image]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pixelmill job",
        **schema,
    }


def _choice(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    cls = step_class(name)
    inner = TypeAdapter(cls).json_schema(ref_template="#/$defs/{model}")
    definitions.update(inner.pop("$defs", {}))
    first = dataclasses.fields(cls)[0].name
    inner["additionalProperties"] = False
    anyhow = [inner, inner["properties"][first], {"type": "null"}]
    return {
        "type": "object",
        "properties": {name: {"anyOf": anyhow}},
        "required": [name],
        "additionalProperties": False,
        "description": (cls.__doc__ or "").strip(),
    }
