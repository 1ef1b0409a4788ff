"""The full table of NIH ChestX-ray14: how a split by image leaks, and one by patient does not."""

import os
from collections import Counter
from pathlib import Path

import pytest

from pixelmill.job import Split
from pixelmill.labels.table import rows_of
from pixelmill.splits.assign import assign, samples_of_table, shared_groups

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
TABLE = DATA / "nih/Data_Entry_2017_v2020.csv.gz"
PARTS = {"train": 0.8, "test": 0.2}
PATIENT, FINDINGS = "Patient ID", "Finding Labels"


def leaked(**split):
    """The share of test images whose patient is in train, too; and the counts."""
    said = Split(fractions=PARTS, group=PATIENT, **split)
    samples = samples_of_table(str(TABLE), "Image Index", said)
    rows = [*assign(samples, said)]
    train = {row["group"] for row in rows if row["split"] == "train"}
    test = [row["group"] for row in rows if row["split"] == "test"]
    return sum(group in train for group in test) / len(test), shared_groups(samples, said), rows


@pytest.mark.corpus
@pytest.mark.skipif(not TABLE.exists(), reason=f"the table is not at {TABLE}")
@pytest.mark.slow
def test_by_image_four_fifths_of_the_test_patients_are_in_train_and_by_patient_none():
    share, leaks, rows = leaked(by="key")
    assert len(rows) == 112_120
    assert share == pytest.approx(0.824, abs=0.005)  # which images: the hash, not NumPy's shuffle
    assert leaks.found["groups"]["test"] == round(share * leaks.samples["test"])
    share, leaks, rows = leaked()
    assert share == 0
    assert leaks.found == {}
    assert len({row["group"] for row in rows}) == 30_805
    assert leaks.samples["test"] == pytest.approx(0.2 * 112_120, rel=0.03)
    share, leaks, rows = leaked(stratify=FINDINGS)
    assert share == 0
    assert leaks.samples["test"] == pytest.approx(0.2 * 112_120, rel=0.005)
    labels = dict(rows_of([str(TABLE)], ["Image Index", FINDINGS]))
    total, test = Counter(), Counter()
    for row in rows:
        findings = labels[f"{row['key']}.png"].split("|")
        total.update(findings)
        test.update(findings if row["split"] == "test" else ())
    assert len(total) == 15
    # Patients are whole, and the largest has 184 images; the rarest class (Hernia) has 227.
    assert {one: count / total[one] for one, count in test.items()} == {
        one: pytest.approx(0.2, abs=0.01) for one in total
    }
