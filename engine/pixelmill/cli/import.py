"""pixelmill import: a dataset as it is published, made shards with its labels."""

import click

from pixelmill.cli.lazy import Lazy

DATASETS = {
    "chexpert": "CheXpert: four states of a label; the group is the patient",
    "coco": "COCO: instances, crowds, keypoints, stuff, captions, panoptic",
    "dicom": "DICOM: 16 bits kept or windowed; no patient is named",
    "imagenet": "ImageNet: the train tar of tars, the val tar with the devkit, boxes",
    "folder": "Folders of images: the folder is the class, masks lie beside or elsewhere",
    "huggingface": "Parquet of Hugging Face datasets: objects, labels and masks by its features",
    "labelbox": "Labelbox export: objects and answers of every annotator",
    "mimic": "MIMIC-CXR-JPG: the findings of a study, joined to its images",
    "openimages": "Open Images V7: boxes, verified labels, masks, relations, points",
    "table": "A CSV or Parquet of paths, and columns of labels, groups, boxes, masks ...",
    "nih": "NIH ChestX-ray14: findings, boxes, official lists",
}


@click.group("import", cls=Lazy, package="pixelmill.cli.imports", known=DATASETS)
def command() -> None:
    """Write a published dataset, with its labels, as shards.

    \b
    pixelmill import nih images/ out/ --table Data_Entry_2017.csv --boxes BBox_List_2017.csv \\
        --list train=train_val_list.txt --list test=test_list.txt
    pixelmill import chexpert CheXpert-v1.0-small/ out/ --table train.csv \\
        --fractions train=0.9,val=0.1

    Images are copied byte for byte.  A job file does the same on the way, with `source.labels`.
    """
