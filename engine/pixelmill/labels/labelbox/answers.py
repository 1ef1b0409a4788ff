"""Answers: classifications of an image, which nest, as labels "question/answer"."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pixelmill.labels.record import POSITIVE, UNCERTAIN

Json = dict[str, Any]


def paths_of(label: Json) -> list[str]:
    """Every answer that was chosen, as "question/answer", nested ones behind theirs.

    A slash in a name becomes a "|".  Text that was typed is no class.
    """
    asked = (label.get("annotations") or {}).get("classifications") or ()
    return list(dict.fromkeys(_chosen(asked, "")))


def questions_of(label: Json) -> list[str]:
    """The questions that were answered, each with the answers before it."""
    return list(dict.fromkeys(path.rpartition("/")[0] for path in paths_of(label)))


def _chosen(asked: Sequence[Json], before: str) -> Iterator[str]:
    for question in asked:
        name = before + _named(question)
        for answer in _answers(question):
            path = f"{name}/{_named(answer)}"
            yield path
            yield from _chosen(answer.get("classifications") or (), f"{path}/")
        # Some exports nest below the question itself.
        yield from _chosen(question.get("classifications") or (), f"{name}/")


def _answers(question: Json) -> list[Json]:
    one = question.get("radio_answer")
    return [one] if one else list(question.get("checklist_answers") or ())


def _named(one: Json) -> str:
    return str(one.get("name") or one.get("value") or "").replace("/", "|")


def agreed(labels: Sequence[Json]) -> dict[str, int]:
    """The state of every path that some label chose.

    It is there where all labels that answered its question chose it, and uncertain otherwise: the
    answers of each annotator are in `meta`.
    """
    asked, chosen = Counter[str](), Counter[str]()
    for label in labels:
        asked.update(questions_of(label))
        chosen.update(paths_of(label))
    return {
        path: POSITIVE if count == asked[path.rpartition("/")[0]] else UNCERTAIN
        for path, count in chosen.items()
    }
