"""README: what it says is there, what is there it says."""

import json
import re
from pathlib import Path

import pytest

from pixelmill.cli import COMMANDS
from pixelmill.job import parse_job
from pixelmill.job.steps import BUILTIN

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ["README.md", "CONTRIBUTING.md"]
PAGES += [f"{room}/README.md" for room in ("kernels", "tests", "cluster")]


def test_every_transform_is_named():
    assert [word for word in BUILTIN if f"`{word}`" not in README] == []


def test_every_command_is_named():
    hidden = {"init", "schema"}  # told in the first screen
    assert [c for c in COMMANDS if f"`pixelmill {c}" not in README and c not in hidden] == []


def test_the_job_that_it_shows_is_a_job():
    text = re.search(r"```yaml\n(source: .*?)```", README, re.S).group(1)
    assert parse_job(text).outputs[0].image.quality == 90


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = ROOT / page
    prose = re.sub(r"```.*?```|`[^`]*`", "", path.read_text("utf-8"), flags=re.S)
    links = re.findall(r"\]\(([^)#]+)\)", prose)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_figures_come_from_results():
    """What stands between the marks is what bench/pipeline/report.py makes of bench/results."""
    between = README.partition("<!-- figures: begin -->")[2].partition("<!-- figures: end -->")[0]
    measured = json.loads((ROOT / "bench/results/pipeline-imagenet.json").read_text("utf-8"))
    rate = measured["images_per_second"]["pixelmill"]
    assert f"**{rate:,.0f}**" in between
