"""Croissant: croissant.json, which says in MLCommons' words what the folder holds (version 1.1).

Each output is a record set: an image and its key, and joined by that key its class, or what its
JSON says; members beside these are record sets of their own.  Boxes and other columns of a record
are declared as annotations of its JSON: mlcroissant 1.1 opens no JSON within a tar.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pixelmill.annotations.schema import OBJECT, RECORD
from pixelmill.outputs.card import SPLITS, OutputFacts
from pixelmill.outputs.context import CONFORMS, CONTEXT
from pixelmill.outputs.features import IMAGE
from pixelmill.outputs.output import ShardRecord
from pixelmill.outputs.patterns import shard_pattern

Tree = dict[str, Any]
# Beyond, a file of a fixed size names shards by a pattern, and their checksums by the manifest:
# 100,000 shards would be 23 MB of JSON-LD, which takes readers a quarter of an hour.
MOST_SHARDS = 1000
_TYPES = {"string": "sc:Text", "int64": "sc:Integer", "float64": "sc:Float"}
_MIME = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp",
         "json": "application/json", "npy": "application/octet-stream"}  # fmt: skip
_SPLITS = {"train": "Training", "validation": "Validation", "test": "Test"}
_KEY = r"^((?:.*/|)[^./]+)"  # as every reader of WebDataset cuts a name: up to the first dot


@dataclass(frozen=True, slots=True)
class About:
    """What people say of a dataset; "" for nothing."""

    name: str
    description: str = ""
    license: str = ""
    url: str = ""
    creator: str = ""
    citation: str = ""
    date: str = ""
    version: str = ""


def croissant(
    about: About,
    outputs: Sequence[OutputFacts],
    shards: Sequence[ShardRecord],
    manifest: Callable[[], tuple[int, str]],
) -> Tree:
    """The whole file.

    `shards` are all of them, or the first MOST_SHARDS and one more; `manifest` tells the bytes and
    the sha256 of manifest.json.
    """
    outputs = [facts for facts in outputs if facts.shards and facts.fields]
    many = len(shards) > MOST_SHARDS
    if many:
        files = [_file("manifest.json", *manifest(), "application/json")]
    else:
        kinds = {facts.name: _kind(facts) for facts in outputs}
        ours = (s for s in shards if s.output in kinds)
        files = [_file(s.name, s.bytes, s.sha256, kinds[s.output]) for s in ours]
    sets = [one for facts in outputs for one in _file_sets(facts, outputs, many)]
    records = [one for facts in outputs for one in _record_sets(facts)]
    splits = _splits(outputs)
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        **_said(about),
        "distribution": [*files, *sets],
        "recordSet": [*splits, *records],
    }


def _said(about: About) -> Tree:
    creator = {"@type": "sc:Organization", "name": about.creator} if about.creator else None
    said = {
        "name": about.name,
        "description": about.description,
        "license": about.license,
        "url": about.url,
        "creator": creator,
        "citeAs": about.citation,
        "datePublished": about.date,
        "version": about.version,
    }
    return {word: value for word, value in said.items() if value}


def _file(name: str, size: int, sha256: str, kind: str) -> Tree:
    return {
        "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name,
        "contentSize": f"{size} B", "encodingFormat": kind, "sha256": sha256,
    }  # fmt: skip


def _kind(facts: OutputFacts) -> str:
    return "application/x-parquet" if facts.format == "parquet" else "application/x-tar"


def _file_sets(facts: OutputFacts, outputs: Sequence[OutputFacts], many: bool) -> Iterator[Tree]:
    """The members of an output's tars by their extensions; of Parquet the files."""
    others = [shard for other in outputs if other is not facts for shard in other.shards]
    pattern = shard_pattern(facts.name, facts.shards, others)
    if facts.format == "parquet" or many:
        yield {
            "@type": "cr:FileSet", "@id": f"{facts.name}-shards",
            "encodingFormat": _kind(facts), "includes": pattern,
        }  # fmt: skip
    if facts.format == "parquet":
        return
    within = [{"@id": f"{facts.name}-shards"}] if many else [{"@id": s} for s in facts.shards]
    for name in facts.written:
        yield {
            "@type": "cr:FileSet", "@id": _files(facts, name), "containedIn": within,
            "encodingFormat": _MIME.get(name.rpartition(".")[2], "text/plain"),
            "includes": [f"*.{name}"], **_apart(name, facts.written),
        }  # fmt: skip


def _apart(name: str, names: Sequence[str]) -> Tree:
    """What *.png finds beside png: seg.png, which has its own file set."""
    longer = [f"*.{other}" for other in names if other.endswith(f".{name}")]
    return {"excludes": longer} if longer else {}


def _files(facts: OutputFacts, field: str) -> str:
    return f"{facts.name}-{field}"


def _record_sets(facts: OutputFacts) -> Iterator[Tree]:
    if facts.format == "parquet":
        yield _of_parquet(facts)
        return
    image = next((name for name in facts.written if name in IMAGE), facts.written[0])
    beside = [name for name in facts.written if name != image]
    joined = next((name for name in ("cls", "json") if name in beside), None)
    own = [_member(facts, facts.name, image), *_split(facts)]
    key = _key(facts, facts.name, image)
    if joined:
        there = _set_of(facts, joined)
        key["references"] = {"field": {"@id": f"{there}/key"}}
        kind = "sc:Integer" if joined == "cls" else "sc:Text"
        source = {"field": {"@id": f"{there}/{joined}"}}
        own.append(_field(f"{facts.name}/{joined}", kind, source))
    yield _record_set(facts.name, [key, *own])
    for name in beside:
        of = _set_of(facts, name)
        yield _record_set(of, [_key(facts, of, name), _member(facts, of, name)])


def _set_of(facts: OutputFacts, field: str) -> str:
    return f"{facts.name}_{field}"


def _record_set(id: str, fields: Sequence[Tree]) -> Tree:
    return {
        "@type": "cr:RecordSet", "@id": id, "name": id,
        "key": {"@id": f"{id}/key"}, "field": list(fields),
    }  # fmt: skip


def _key(facts: OutputFacts, of: str, field: str) -> Tree:
    source = {
        "fileSet": {"@id": _files(facts, field)},
        "extract": {"fileProperty": "fullpath"},
        "transform": {"regex": _KEY},
    }
    return _field(f"{of}/key", "sc:Text", source)


def _member(facts: OutputFacts, of: str, field: str) -> Tree:
    """The content of a member."""
    source = {
        "fileSet": {"@id": _files(facts, field)},
        "extract": {"fileProperty": "content"},
    }
    id = f"{of}/{'image' if of == facts.name else field}"
    if field.rpartition(".")[2] in IMAGE:
        return _field(id, "sc:ImageObject", source)
    if field == "cls":
        return _field(id, "sc:Integer", source)
    found = _field(id, "sc:Text", source)
    if field == "json" and "json" in facts.features:
        found["annotation"] = list(_columns(id, {"fileSet": {"@id": _files(facts, field)}}))
    return found


def _of_parquet(facts: OutputFacts) -> Tree:
    def column(name: str) -> Tree:
        shards = {"@id": f"{facts.name}-shards"}
        return {"fileSet": shards, "extract": {"column": name}}

    name, image = facts.name, column("image") | {"transform": {"jsonPath": "bytes"}}
    fields = [
        _field(f"{name}/key", "sc:Text", column("__key__")),
        _field(f"{name}/image", "sc:ImageObject", image),
        _field(f"{name}/label", "sc:Integer", column("label")),
        _field(f"{name}/text", "sc:Text", column("text")),
        _field(f"{name}/json", "sc:Text", column("json")),
        *_split(facts),
    ]
    if "json" in facts.features:
        fields[4]["annotation"] = list(_columns(f"{name}/json", column("json")))
    return _record_set(name, fields)


def _columns(of: str, source: Tree) -> Iterator[Tree]:
    """The columns of a record, by their paths within its JSON."""
    for name, column in RECORD.items():
        if name == "objects":
            for inner, (kind, _) in OBJECT.items():
                id, path = f"{of}/objects/{inner}", f"$.objects.{inner}"
                if inner == "bbox":
                    box = _path(id, "cr:BoundingBox", source, path, "-1")
                    box["source"]["format"] = "XYWH"
                    yield box
                else:
                    yield _column(id, [kind], source, path)
        elif not isinstance(column.type, dict):
            yield _column(f"{of}/{name}", column.type, source, f"$.{name}")


def _column(id: str, kind: Any, source: Tree, path: str) -> Tree:
    depth = 0
    while isinstance(kind, list):
        kind, depth = kind[0], depth + 1
    return _path(id, _TYPES[kind], source, path, ",".join(["-1"] * depth))


def _path(id: str, kind: str, source: Tree, path: str, shape: str) -> Tree:
    extract = {**source.get("extract", {}), "jsonPath": path}
    if "column" in extract:  # one way to extract: a column, and then a path in it
        source = {**source, "transform": {"jsonPath": path}}
    else:
        source = {**source, "extract": extract}
    array = {"isArray": True, "arrayShape": shape} if shape else {}
    return _field(id, kind, source) | array


def _field(id: str, kind: str, source: Tree) -> Tree:
    return {
        "@type": "cr:Field", "@id": id, "name": id, "dataType": kind, "source": source,
    }  # fmt: skip


def _split(facts: OutputFacts) -> Iterator[Tree]:
    if facts.name in SPLITS:
        id = f"{facts.name}/split"
        yield {"@type": "cr:Field", "@id": id, "name": id, "dataType": "sc:Text",
               "value": facts.split}  # fmt: skip


def _splits(outputs: Sequence[OutputFacts]) -> Iterator[Tree]:
    """The names of the splits, with the word that MLCommons has for each."""
    found = list(dict.fromkeys(facts.split for facts in outputs if facts.name in SPLITS))
    if not found:
        return
    fields = [
        {"@type": "cr:Field", "@id": "splits/name", "name": "splits/name", "dataType": "sc:Text"},
        {"@type": "cr:Field", "@id": "splits/url", "name": "splits/url", "dataType": "sc:URL"},
    ]
    base = "http://mlcommons.org/croissant/"
    yield {
        "@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split",
        "key": {"@id": "splits/name"}, "field": fields,
        "data": [
            {"splits/name": name, "splits/url": f"{base}{_SPLITS[name]}Split"} for name in found
        ],
    }  # fmt: skip
