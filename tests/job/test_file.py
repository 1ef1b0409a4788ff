import textwrap

import pytest

from pixelmill.errors import JobError
from pixelmill.job import Job, parse_job, put, read_job, write_job
from pixelmill.job.template import template


def mistakes(text, **changes):
    with pytest.raises(JobError) as caught:
        parse_job(textwrap.dedent(text), "job.yaml", changes)
    return caught.value.mistakes


def test_mistakes_in_python_are_told_in_the_same_words():
    with pytest.raises(JobError) as caught:
        Job(source="a.tar", output="out", transforms=[{"resize": {"size": 0}}], sed=1)
    size, sed = caught.value.mistakes
    assert size == "transforms[0].resize: size must be 1 or more, got 0"
    assert sed.startswith("sed: unknown option; did you mean 'seed'?")


@pytest.mark.parametrize("word", ["a[b]", "int", "str"])
def test_an_unknown_option_may_look_like_a_type(word):
    (told,) = mistakes(f"source: a.tar\noutput: o\n'{word}': 1\n")
    assert told.startswith(f"job.yaml line 3: {word}: unknown option")


def test_every_mistake_is_told_at_once_with_its_line():
    told = mistakes("""\
        source: a.tar
        outptu: out/
        decode: {colour: rgb, scale: fast}
        transforms:
          - resize: {size: 0, fliter: bicubic}
          - center_corp: 224
        outputs:
          - name: train
            image: {format: jpg, quality: 900}
        """)
    expected = [
        ("line 2: outptu", "did you mean 'output'?"),
        ("line 3: decode.colour", "did you mean 'color'?"),
        ("line 3: decode.scale", "expected 'auto' or 'exact', got 'fast'"),
        ("line 5: transforms[0].resize.fliter", "did you mean 'filter'?"),
        ("line 5: transforms[0].resize:", "size must be 1 or more, got 0"),
        ("line 6: transforms[1]", "did you mean 'center_crop'?"),
        ("line 9: outputs[0].image.format", "did you mean 'jpeg'?"),
        ("line 9: outputs[0].image.quality", "less than or equal to 100, got 900"),
    ]
    for place, said in expected:
        assert any(place in line and said in line for line in told), (place, said, told)
    assert any("output: is required and missing" in line for line in told)
    assert len(told) == len(expected) + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: [a.tar", "not a YAML text"),
        ("- a\n- b", "expected `source:`, `output:` ..., got list"),
        ("", "got NoneType"),
    ],
)
def test_what_is_no_job_is_refused_in_words(text, said):
    assert said in mistakes(text)[0]


def test_a_missing_file_names_the_command_that_writes_one(tmp_path):
    with pytest.raises(JobError, match="no such job file; `pixelmill init`"):
        read_job(tmp_path / "job.yaml")


def test_floats_into_a_jpeg_are_refused_before_anything_runs():
    told = mistakes("{source: a, output: b, transforms: [normalize: imagenet]}")
    assert "jpeg holds no floats" in told[0]


def test_two_outputs_of_one_name_are_refused():
    told = mistakes("{source: a, output: b, outputs: [{name: x}, {name: x}]}")
    assert "two of them are named 'x'" in told[0]


def test_a_changed_place_is_told_as_the_command_line():
    told = mistakes("{source: a, output: b}", **{"decode.color": "green"})
    assert told[0].startswith("command line: decode.color")


def test_a_written_job_reads_back_as_the_same_job():
    job = parse_job(
        "{source: a, output: b, transforms: [{resize: {size: [3, 4], mode: exact}}, flip],"
        " outputs: [{name: x, shards: {bytes: 256MB}, transforms: [{center_crop: 2}]}]}"
    )
    assert parse_job(write_job(job, {"version": "1"})) == job


def test_the_three_ways_to_say_a_job_are_one():
    from pixelmill.transforms.resize import Resize

    by_file = parse_job("{source: a.tar, output: out, transforms: [resize: 256]}")
    by_spec = Job(source="a.tar", output="out", transforms=[{"resize": {"size": 256}}])
    by_object = Job(source=["a.tar"], output="out", transforms=[Resize(256)])
    assert by_file == by_spec == by_object


def test_the_template_is_a_job_that_parses():
    job = parse_job(template("job.yaml", "photos/", "out/"))
    assert job.source.urls == ["photos/"]
    assert [type(step).__name__ for step in job.transforms] == ["MinSize", "Resize"]


def test_every_commented_example_of_the_template_parses_too():
    text = template("job.yaml", "photos/", "out/")
    steps = [
        line.replace("  # - ", "  - ", 1)
        for line in text.splitlines()
        if line.startswith("  # - ") and "my_package" not in line
    ]
    assert len(steps) >= 8
    job = "source: a\noutput: b\noutputs: [{image: npy}]\ntransforms:\n" + "\n".join(steps)
    assert len(parse_job(job).transforms) == len(steps)


@pytest.mark.parametrize("word", ["x[0]", "int", "["])
def test_an_unknown_option_is_told_by_its_name_though_it_looks_like_no_name(word):
    with pytest.raises(JobError) as told:
        parse_job(f'source: a\noutput: b\n"{word}": 1\n')
    assert f"job.yaml line 3: {word}: unknown option" in str(told.value)


def test_put_reaches_into_lists_and_makes_dicts():
    data = {"outputs": [{}]}
    put(data, "outputs.0.image.quality", 80)
    put(data, "decode.color", "gray")
    assert data == {"outputs": [{"image": {"quality": 80}}], "decode": {"color": "gray"}}
    with pytest.raises(JobError, match="'3' is no element of a list of 1"):
        put(data, "outputs.3.name", "x")
