"""pixelmill import dicom: radiology without the patients, 16 bits kept or windowed."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("dicom")
@asked
@click.option("--window", default="none", metavar="HOW", help="none, voi, auto, or CENTER,WIDTH.")
@click.option("--bits", metavar="N", help="Of a level: 16 (kept as stored), or 8.")
@click.option("--keep-tags", metavar="A,B", help="More tags, such as PatientSex, for `meta`.")
@click.option("--patient-key", metavar="URL", help="A file that keys the hash of the patient.")
def command(
    what: tuple[str, ...], window: str, bits: str | None, keep_tags: str | None,
    patient_key: str | None, **said: Any,
) -> None:  # fmt: skip
    """Write IMAGES (folders, tars of .dcm) as shards of PNG into OUTPUT.

    \b
    pixelmill import dicom films/ out/ --fractions train=0.9,test=0.1
    pixelmill import dicom ct/ out/ --window 40,400 --bits 8

    Patient identity is left out; `group`, by which a split goes, is a hash of the patient's number.
    """
    labels: dict[str, Any] = {"form": "dicom", "patient_key": patient_key}
    if keep_tags:
        labels["keep_tags"] = keep_tags.split(",")
    values: dict[str, Any] = {"window": _window(window)}
    if bits:
        values["bits"] = int(bits) if bits.isdigit() else bits
    if not said["quiet"]:
        click.echo("Patient identity is left out, and every group is a hash.", err=True)
    do_import(labels, what, said, dicom=values)


def _window(text: str) -> str | list[str]:
    return text.split(",") if "," in text else text
