"""Kinds: the form that a job's labels are said to have."""

from collections.abc import Sequence

from pixelmill.job.labels import Labels
from pixelmill.labels.chexpert import Chexpert
from pixelmill.labels.columns import ByColumns
from pixelmill.labels.forms import Form
from pixelmill.labels.mimic import Mimic
from pixelmill.labels.nih import Nih


def open_form(labels: Labels, classes: Sequence[str] = ()) -> Form:
    """The form; `classes` are those of a table whose columns the job names, once they are known."""
    if labels.form == "nih":
        return Nih(labels)
    if labels.form == "chexpert":
        return Chexpert(labels)
    return Mimic(labels) if labels.form == "mimic" else ByColumns(labels, classes)
