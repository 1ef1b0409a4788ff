import pytest

from pixelmill.job import Job
from pixelmill.job.schema import job_schema
from pixelmill.job.steps import BUILTIN, step_class, step_from, step_name, step_spec
from pixelmill.transforms.resize import Resize


class Brighten:
    """A user's own transform: a plain class of a module, no more."""

    def __init__(self, by: int = 10):
        self.by = by

    def __call__(self, sample):
        return sample


class Forgetful:
    def __init__(self, by: int):
        self.doubled = 2 * by

    def __call__(self, sample):
        return sample


def job(*steps):
    return Job(source="a", output="b", transforms=list(steps))


def test_every_builtin_name_has_its_class_and_says_itself_again():
    required = {"min_size": 1, "max_aspect": 2, "resize": 8, "center_crop": 8, "pad": 1}
    required["color_jitter"] = 0.4
    for name in BUILTIN:
        step = step_from({name: required.get(name, {"size": 8} if "crop" in name else None)})
        assert type(step) is step_class(name)
        assert step_name(step) == name
        assert step_from(step_spec(step)) == step


def test_a_bare_value_is_the_first_argument():
    assert step_from({"resize": 256}) == Resize(256)


def test_a_users_class_is_built_and_named():
    name = f"{__name__}:Brighten"
    step = job({name: {"by": 3}}).transforms[0]
    assert type(step).__qualname__ == "Brighten"
    assert step.by == 3
    assert step_spec(step) == {name: {"by": 3}}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"no.such.module:X": None}, "cannot be imported"),
        ({"json:Nothing": None}, "json has no 'Nothing'"),
        ({"json:dumps": None}, "must be a class"),
        ({"resize": 1, "flip": 2}, "begin each transform with its own dash"),
        (7, "expected a transform such as `resize: 256`"),
        ({f"{__name__}:Brighten": {"bye": 3}}, "did you mean 'by'?"),
        ({"resize": None}, "is required and missing"),
    ],
)
def test_a_wrong_step_is_told_in_words(spec, said):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # pydantic words it; `said` is asserted
        job(spec)
    assert said in str(caught.value)


def test_a_transform_that_forgets_its_arguments_is_refused():
    with pytest.raises(ValueError, match="cannot be written into a job file"):
        job(Forgetful(1))


def test_the_schema_knows_every_transform_and_option():
    schema = job_schema()
    steps = schema["$defs"]["Step"]["anyOf"]
    named = {next(iter(step["properties"])) for step in steps if "properties" in step}
    assert named == set(BUILTIN)
    resize = next(s for s in steps if "resize" in s.get("properties", {}))
    options = resize["properties"]["resize"]["anyOf"][0]["properties"]
    assert options["filter"]["enum"][0] == "nearest"


def test_the_schema_accepts_the_template_and_refuses_a_misspelling():
    jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema")
    import yaml

    from pixelmill.job.template import template

    data = yaml.safe_load(template("job.yaml", "a", "b"))
    jsonschema.validate(data, job_schema())
    data["decode"]["colour"] = "rgb"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, job_schema())
