"""Open Images through a whole job: tables in the layouts of V7, images and masks made here."""

import io
import json
import zipfile

import numpy as np
import pytest
import simplejpeg
from annotations.record import levels, mask_in, png
from labels.made import done, labelled, told
from PIL import Image

import pixelmill
from pixelmill.errors import JobError
from pixelmill.labels.record import record
from pixelmill_kernels import rle

WIDTH, HEIGHT = 80, 40
CLASSES = "LabelName,DisplayName\n/m/0,Person\n/m/1,Apple\n/m/2,Table\n/m/3,Wooden\n"
FLAGS = "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
BOXES = f"""\
ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,{FLAGS}
aa,xclick,/m/1,1,0.25,0.5,0.1,0.6,-1,0,1,-1,0
aa,activemil,/m/0,1,0,1,0.5,1,0,1,0,0,-1
bb,xclick,/m/2,1,0.5,1.5,0.5,1,1,1,1,1,1
bb,xclick,/m/9,1,0.1,0.2,0.1,0.2,0,0,0,0,0
bb,xclick,/m/2,1,nan,0.2,0.1,0.2,0,0,0,0,0
bb,xclick,/m/2,1,oops,0.2,0.1,0.2,0,0,0,0,0
zz,xclick,/m/2,1,0.1,0.2,0.1,0.2,0,0,0,0,0
"""
LABELS = """\
ImageID,Source,LabelName,Confidence
aa,verification,/m/1,1
aa,verification,/m/2,0
aa,machine,/m/0,0.8
aa,machine,/m/2,0.9
cc,verification,/m/0,0
cc,verification,/m/77,1
"""
IMAGES = """\
ImageID,Subset,OriginalURL,OriginalLandingURL,License,AuthorProfileURL,Author,Title,OriginalSize,\
OriginalMD5,Thumbnail300KURL,Rotation
aa,train,http://x/aa.jpg,http://x/aa,http://creativecommons.org/licenses/by/2.0/,http://x/me,Me,\
"A, b",123,abc==,,90
bb,validation,http://x/bb.jpg,,,,You,,,,,180.0
cc,test,,,,,,,,,,nan
dd,test,,,,,,,,,,0
"""
MASKS = """\
MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks
aa_m1_0.png,aa,/m/1,0,0.250000,0.500000,0.100000,0.600000,0.9,
"""
RELATIONS = """\
ImageID,LabelName1,LabelName2,XMin1,XMax1,YMin1,YMax1,XMin2,XMax2,YMin2,YMax2,RelationshipLabel
aa,/m/1,/m/0,0.25,0.5,0.1,0.6,0,1,0.5,1,on
aa,/m/1,/m/3,0.25,0.5,0.1,0.6,0.25,0.5,0.1,0.6,is
aa,/m/0,/m/2,0,1,0.5,1,0.5,1,0,1,at
"""
POINTS = """\
ImageId,X,Y,Label,EstimatedYesNo,Source,YesVotes,NoVotes,UnsureVotes,TextLabel
dd,0.5,0.25,/m/1,yes,ih,3,0,1,
"""
PNG = np.zeros((HEIGHT // 2, WIDTH // 2), bool)
PNG[2:12, 10:20] = True


def tables(folder, **texts):
    """The words of a job for these tables."""
    texts = {"classes": CLASSES, **texts}
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return {"form": "openimages", **{name: str(folder / f"{name}.csv") for name in texts}}


def photo():
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, : WIDTH // 2] = 255
    image[: HEIGHT // 2, :, 1] = 0
    return simplejpeg.encode_jpeg(image, 95)


def photos(folder, names="aa bb cc dd"):
    (folder / "images/train").mkdir(parents=True)
    for name in names.split():
        (folder / f"images/train/{name}.jpg").write_bytes(photo())
    return str(folder / "images")


def imported(folder, labels, **more):
    report, found, manifest = done(photos(folder), folder / "out", labels, **more)
    return report, {key.rpartition("/")[2]: fields for key, fields in found.items()}, manifest


def test_boxes_become_pixels_and_their_flags_stay_what_they_are(tmp_path):
    _, found, manifest = imported(tmp_path, tables(tmp_path, boxes=BOXES))
    one = told(found["aa"])
    assert one["objects"]["bbox"] == [[20, 4, 20, 20], [0, 20, 80, 20]]
    assert one["objects"]["category"] == [1, 0]
    assert one["objects"]["iscrowd"] == one["objects"]["group_of"] == [1, 0]
    assert one["objects"]["occluded"] == [-1, 0]
    assert one["objects"]["truncated"] == [0, 1]
    assert one["objects"]["depiction"] == [-1, 0]
    assert one["objects"]["inside"] == [0, -1]
    assert one["objects"]["annotator"] == ["xclick", "activemil"]
    assert (one["width"], one["height"]) == (WIDTH, HEIGHT)
    assert one.keys() == record("", "").keys()
    assert manifest["source"]["classes"] == ["Person", "Apple", "Table", "Wooden"]
    kept = manifest["source"]["dataset"]["categories"]
    assert kept[1] == {"id": "/m/1", "name": "Apple"}
    assert found["aa"]["jpg"] == photo()


def test_boxes_that_are_wrong_are_mended_and_counted(tmp_path):
    report, found, manifest = imported(tmp_path, tables(tmp_path, boxes=BOXES))
    assert told(found["bb"])["objects"]["bbox"] == [[40, 20, 40, 20]]
    assert report.tally.notes == {
        "box_clipped": 1,
        "unknown_category": 1,
        "annotation_not_finite": 1,
        "annotation_unreadable": 1,
    }
    assert report.tally.quarantined == {"no_row": 2}
    assert manifest["labels"]["rows_without_image"] == 1


def test_verified_negatives_stay_and_machines_are_uncertain(tmp_path):
    report, found, _ = imported(tmp_path, tables(tmp_path, labels=LABELS, boxes=BOXES))
    one = told(found["aa"])
    assert (one["labels"], one["label_state"]) == ([0, 1, 2], [-1, 1, 0])
    kept = json.loads(one["meta"])["labels"]
    assert kept[2] == {"Source": "machine", "LabelName": "/m/0", "Confidence": "0.8"}
    other = told(found["cc"])
    assert (other["labels"], other["label_state"]) == ([0], [0])
    assert other["objects"] == record("", "")["objects"]
    assert report.tally.notes["unknown_label"] == 1


def test_any_table_is_enough_for_an_image_to_be_known(tmp_path):
    labels = tables(tmp_path, boxes=BOXES, labels=LABELS, points=POINTS)
    report, found, _ = imported(tmp_path, labels)
    assert report.tally.written == 4
    assert json.loads(told(found["dd"])["meta"])["points"][0]["YesVotes"] == "3"


def test_licences_authors_and_subsets_are_kept(tmp_path):
    _, found, _ = imported(tmp_path, tables(tmp_path, images=IMAGES, boxes=BOXES))
    one = told(found["aa"])
    assert one["split"] == "train"
    assert one["provenance"]["license"] == "http://creativecommons.org/licenses/by/2.0/"
    assert one["provenance"]["author"] == "Me"
    assert one["provenance"]["url"] == "http://x/aa.jpg"
    assert json.loads(one["meta"])["Title"] == "A, b"
    assert told(found["dd"])["split"] == "test"


def masks(folder):
    (folder / "masks").mkdir()
    (folder / "masks/aa_m1_0.png").write_bytes(png(PNG))
    labels = tables(folder, boxes=BOXES, masks=MASKS)
    return labels | {"mask_images": str(folder / "masks")}


def test_masks_of_another_size_are_given_to_their_boxes(tmp_path):
    _, found, _ = imported(tmp_path, masks(tmp_path))
    objects = told(found["aa"])["objects"]
    assert [bool(text) for text in objects["rle_counts"]] == [True, False]
    assert objects["rle_size"][0] == [HEIGHT, WIDTH]
    np.testing.assert_array_equal(mask_in(objects), PNG.repeat(2, 0).repeat(2, 1))
    assert objects["area"][0] == 4 * PNG.sum()


def test_masks_are_read_out_of_several_zips(tmp_path):
    labels = masks(tmp_path)
    for digit in "ab":
        with zipfile.ZipFile(tmp_path / f"masks-{digit}.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr(f"{digit}.txt", "none")
            if digit == "a":
                zipped.write(tmp_path / "masks/aa_m1_0.png", "aa_m1_0.png")
    labels["mask_images"] = str(tmp_path / "masks-*.zip")
    _, found, _ = imported(tmp_path, labels)
    assert told(found["aa"])["objects"]["area"][0] == 4 * PNG.sum()


@pytest.mark.parametrize(("data", "reason"), [(None, "mask_missing"), (b"no png", "mask_broken")])
def test_a_mask_that_is_not_there_or_broken_costs_its_image_alone(tmp_path, data, reason):
    labels = masks(tmp_path)
    if data is None:
        (tmp_path / "masks/aa_m1_0.png").unlink()
    else:
        (tmp_path / "masks/aa_m1_0.png").write_bytes(data)
    report, found, _ = imported(tmp_path, labels)
    assert report.tally.quarantined == {reason: 1, "no_row": 2}
    assert found.keys() == {"bb"}


def test_relations_name_objects_by_id_and_what_an_object_is(tmp_path):
    labels = tables(tmp_path, boxes=BOXES, relations=RELATIONS)
    report, found, _ = imported(tmp_path, labels)
    one = told(found["aa"])
    assert one["relations"] == {
        "subj": [0, 0, 1],
        "obj": [1, 0, 2],
        "label": ["on", "is Wooden", "at"],
    }
    assert one["objects"]["category"] == [1, 0, 2]  # the table has no row among the boxes
    assert report.tally.notes["object_without_box"] == 1


def turned(folder, out, **more):
    labels = tables(folder, images=IMAGES, boxes=BOXES) | more
    source = str(folder / "images")
    _, found, _ = done(source, folder / out, labels, outputs=[{"image": {"format": "png"}}])
    fields = found["train/aa"]
    return levels(fields["png"]), told(fields)


def test_rotation_turns_image_and_boxes_or_neither(tmp_path):
    photos(tmp_path)
    image, one = turned(tmp_path, "as-stored")
    assert image.shape[:2] == (HEIGHT, WIDTH)
    assert one["objects"]["bbox"][0] == [20, 4, 20, 20]
    shown, two = turned(tmp_path, "turned", rotation="apply")
    assert shown.shape[:2] == (two["height"], two["width"]) == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(shown, np.rot90(image))
    # 90 degrees against the clock: (x, y) -> (y, W - x)
    assert two["objects"]["bbox"][0] == [4, WIDTH - 40, 20, 20]
    assert (two["orig_height"], two["orig_width"]) == (HEIGHT, WIDTH)


def test_rotation_is_applied_by_an_import_too_and_counted(tmp_path):
    labels = tables(tmp_path, images=IMAGES, boxes=BOXES) | {"rotation": "apply"}
    report, found, _ = imported(tmp_path, labels, decode={"color": "keep"})
    assert report.tally.notes["rotation_applied"] == 2
    assert report.tally.notes["orientation_applied"] == 2
    assert found["cc"]["jpg"] == photo()  # nan: gone from Flickr
    with Image.open(io.BytesIO(found["bb"]["jpg"])) as image:
        assert image.size == (WIDTH, HEIGHT)
        assert image.getexif().get(0x0112, 1) == 1
    assert told(found["bb"])["objects"]["bbox"] == [[0, 0, 40, 20]]


def test_class_descriptions_without_a_header_and_rows_with_too_few_values_are_read(tmp_path):
    labels = tables(tmp_path, boxes=f"{BOXES}aa,xclick,/m/1\n")
    (tmp_path / "classes.csv").write_text(CLASSES.partition("\n")[2])
    _, _, manifest = imported(tmp_path, labels)
    assert manifest["source"]["classes"] == ["Person", "Apple", "Table", "Wooden"]
    assert manifest["labels"]["ragged_rows"] == 1


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, "name one table at least: images, boxes"),
        ({"masks": "m.csv"}, "masks and mask_images belong together"),
        ({"boxes": "b.csv", "rotation": "apply"}, "rotation: apply needs the table that tells it"),
    ],
)
def test_a_job_that_lacks_a_table_is_refused(tmp_path, labels, said):
    with pytest.raises(JobError, match=said):
        labelled("i/", tmp_path / "out", {"form": "openimages", "classes": "c.csv", **labels})


def test_a_table_in_another_layout_is_refused_with_the_column_that_it_lacks(tmp_path):
    labels = tables(tmp_path, boxes=BOXES.replace("XMin", "xmin"))
    with pytest.raises(JobError, match=r"boxes\.csv: has no column 'XMin'; did you"):
        pixelmill.run(labelled(photos(tmp_path), tmp_path / "out", labels))


def test_runs_of_a_mask_at_its_own_size_are_its_pixels(tmp_path):
    from pixelmill.labels.openimages.masks import runs_of

    gray = (PNG * np.uint8(200)).astype(np.uint8)
    for image in (PNG, gray):
        size, text = runs_of("k", "m.png", png(image), PNG.shape)
        np.testing.assert_array_equal(rle.decode(rle.from_text(text.encode()), size), PNG)
