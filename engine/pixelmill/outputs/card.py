"""Card: the README.md of an output folder, which makes `datasets.load_dataset(folder)` work."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from pixelmill.outputs.features import IMAGE, Feature, parquet_features, webdataset_features
from pixelmill.outputs.patterns import shard_pattern

# An output of one of these names is a split; of any other, a configuration with a split "train".
SPLITS = {
    "train": "train",
    "test": "test",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
}
# Behind a backslash each of them is itself (CommonMark 2.4).  An underscore within a word is, too.
_MARKUP = re.compile(r"[\\`*\[\]<>&|~#!]|(?<!\w)_|_(?!\w)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_SIZES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """What a card says of one output.

    `shards` are its files in the folder, `fields` the extensions that its samples have.  Where only
    those of the samples read are known, `image` says in which format ("jpeg" ...) the images among
    them were written.  `bytes` are those of all shards.  `features` gives the Hugging Face types of
    fields whose names do not tell.
    """

    name: str
    format: str
    shards: Sequence[str]
    samples: int
    fields: Sequence[str]
    image: str = "keep"
    bytes: int = 0
    features: Mapping[str, Feature] = field(default_factory=dict)

    @property
    def written(self) -> list[str]:
        """The extensions that its samples have."""
        if self.image == "keep":
            return sorted(self.fields)
        kept = {name for name in self.fields if name not in IMAGE}
        return sorted(kept | {"jpg" if self.image == "jpeg" else self.image})

    @property
    def split(self) -> str:
        return SPLITS.get(self.name, "train")


@dataclass(frozen=True, slots=True)
class _Config:
    """A configuration of the data set, as `load_dataset(folder, name)` takes it."""

    name: str
    outputs: Sequence[OutputFacts]


def dataset_card(
    outputs: Sequence[OutputFacts],
    classes: Sequence[str] = (),
    title: str = "Dataset",
    license: str = "",
    about: str = "",
    ids: Sequence[Any] = (),
) -> str:
    """The text of README.md: YAML that readers follow, then a page that people read.

    `ids` are what the dataset itself called the `classes`, in their order.

    Outputs that are all splits (train, val ...) make one configuration; others one each, the first
    the default.  `load_dataset` takes one format a folder, so the YAML names only the outputs of
    the first one's format.
    """
    loadable = [facts for facts in outputs if facts.shards and facts.format == outputs[0].format]
    configs = _configs(loadable)
    head: dict[str, Any] = {"license": license} if license else {}
    if configs:
        head["size_categories"] = [_size(sum(facts.samples for facts in loadable))]
        head["configs"] = [_files(config, outputs) for config in configs]
        told = [_info(config, classes) for config in configs]
        head["dataset_info"] = told[0] if len(told) == 1 else told
        head["configs"][0].update({"default": True} if len(configs) > 1 else {})
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{front}---\n\n{_page(title, about, outputs, configs, classes, ids)}"


def _configs(outputs: Sequence[OutputFacts]) -> list[_Config]:
    splits = {facts.split for facts in outputs if facts.name in SPLITS}
    if len(outputs) == 1 or (outputs and len(splits) == len(outputs)):
        return [_Config("default", outputs)]
    return [_Config(facts.name, [facts]) for facts in outputs]


def _files(config: _Config, outputs: Sequence[OutputFacts]) -> dict[str, Any]:
    files = []
    for facts in config.outputs:
        others = [shard for other in outputs if other is not facts for shard in other.shards]
        path = shard_pattern(facts.name, facts.shards, others)
        files.append({"split": facts.split, "path": path[0] if len(path) == 1 else path})
    return {"config_name": config.name, "data_files": files}


def _info(config: _Config, classes: Sequence[str]) -> dict[str, Any]:
    features = _features(config.outputs, classes)
    return {
        "config_name": config.name,
        **({"features": features} if features else {}),
        "splits": [
            {"name": facts.split, "num_bytes": facts.bytes, "num_examples": facts.samples}
            for facts in config.outputs
        ],
    }


def _features(outputs: Sequence[OutputFacts], classes: Sequence[str]) -> list[Feature]:
    """The types of all fields that any of the outputs has; [] where one cannot be told."""
    fields = sorted({name for facts in outputs for name in facts.written})
    if outputs[0].format == "parquet":
        return parquet_features(any(name.endswith("npy") for name in fields), classes)
    known = {name: kind for facts in outputs for name, kind in facts.features.items()}
    return webdataset_features(fields, classes, known)


def _size(samples: int) -> str:
    return _SIZES[min(max(0, len(str(samples)) - 3), len(_SIZES) - 1)]


def _page(
    title: str,
    about: str,
    outputs: Sequence[OutputFacts],
    configs: Sequence[_Config],
    classes: Sequence[str],
    ids: Sequence[Any],
) -> str:
    lines = [f"# {_literal(title)}", "", *([about, ""] if about else [])]
    lines += ["| output | format | shards | samples | fields |", "|---|---|---:|---:|---|"]
    for facts in outputs:
        fields = ", ".join(map(_literal, facts.written))
        counts = f"{len(facts.shards):,} | {facts.samples:,}"
        lines.append(f"| {facts.name} | {facts.format} | {counts} | {fields} |")
    if configs:
        lines += ["", "```python", "from datasets import load_dataset", ""]
        lines += [_call(config, len(configs) > 1) for config in configs]
        lines += ["```"]
    return "\n".join([*lines, *_classes(outputs, classes, ids)]) + "\n"


def _classes(
    outputs: Sequence[OutputFacts], classes: Sequence[str], ids: Sequence[Any]
) -> list[str]:
    """Which number stands for which class, and which was its own in the dataset."""
    if not classes:
        return []
    fields = {name for facts in outputs for name in facts.written}
    word = "`cls` counts" if "cls" in fields else "`labels` and `objects.category` count"
    if len(ids) != len(classes):
        named = ", ".join(map(_literal, classes))
        return ["", f"{word} {len(classes)} classes, in this order: {named}."]
    rows = enumerate(zip(classes, ids, strict=True))
    return [
        "",
        f"{word} {len(classes)} classes:",
        "",
        "| number | class | id in the dataset |",
        "|---:|---|---|",
        *(f"| {n} | {_literal(name)} | {_literal(str(own))} |" for n, (name, own) in rows),
    ]


def _literal(name: str) -> str:
    """A name that a stranger gave, as a page shows it: its Markdown and HTML mean nothing."""
    return _MARKUP.sub(r"\\\g<0>", _CONTROL.sub(" ", name))


def _call(config: _Config, named: bool) -> str:
    chosen = f'"{config.name}", ' if named else ""
    return f'load_dataset("path/to/this/folder", {chosen}split="{config.outputs[0].split}")'
