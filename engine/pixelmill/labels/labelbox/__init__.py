"""labelbox: exports of Labelbox, version 2, with all that every annotator said."""

from pixelmill.labels.labelbox.form import Labelbox

__all__ = ["Labelbox"]
