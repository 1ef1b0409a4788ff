"""The cluster's files are what KubeRay and Ray accept, and agree with the locks and the project."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from pixelmill.job import Job

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "cluster"
DEFINITIONS = ROOT.parent / "shared" / "data" / "kuberay"


@pytest.fixture
def documents():
    return list(yaml.safe_load_all((CLUSTER / "kuberay-job.yaml").read_text()))


@pytest.fixture
def config_map(documents):
    return documents[0]


@pytest.fixture
def ray_job(documents):
    return documents[1]


@pytest.fixture
def launcher():
    return yaml.safe_load((CLUSTER / "ray-cluster.yaml").read_text())


def pinned(package):
    lock = (ROOT / "requirements" / "cluster.lock").read_text()
    return re.search(rf"^{package}==(\S+)", lock, re.MULTILINE)[1]


def strict(schema):
    """The schema with unknown keys refused: an API server drops them without a word."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: strict(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        tight["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    return tight


def definition(kind):
    path = DEFINITIONS / f"ray.io_{kind}.yaml"
    if not path.exists():
        pytest.skip(f"KubeRay's definitions are not beside the checkout ({DEFINITIONS})")
    versions = yaml.load(path.read_text(), yaml.CSafeLoader)["spec"]["versions"]
    schema = next(v for v in versions if v["name"] == "v1")["schema"]["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object", "additionalProperties": True}
    return strict(schema)


@pytest.mark.corpus
def test_kuberay_accepts_the_job(ray_job):
    jsonschema.validate(ray_job, definition("rayjobs"))


@pytest.mark.corpus
def test_a_misspelt_key_of_the_job_would_be_found(ray_job):
    ray_job["spec"]["rayClusterSpec"]["workerGroupSpecs"][0]["replica"] = 3
    with pytest.raises(jsonschema.ValidationError, match="'replica' was unexpected"):
        jsonschema.validate(ray_job, definition("rayjobs"))


def test_the_job_in_the_manifest_is_a_job(config_map):
    job = Job(**yaml.safe_load(config_map["data"]["job.yaml"]))
    assert job.output.startswith("s3://")


def test_the_manifest_reads_the_job_where_it_is_mounted(ray_job, config_map):
    head = ray_job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    folder = head["containers"][0]["volumeMounts"][0]["mountPath"]
    assert f"{folder}/{next(iter(config_map['data']))}" in ray_job["spec"]["entrypoint"]
    assert head["volumes"][0]["configMap"]["name"] == config_map["metadata"]["name"]


def test_ray_is_the_version_that_the_image_holds(ray_job):
    assert ray_job["spec"]["rayClusterSpec"]["rayVersion"] == pinned("ray")


def test_every_node_runs_one_image_of_this_version(ray_job, launcher):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = {launcher["docker"]["image"], *re.findall(r"'image': '([^']+)'", str(ray_job))}
    assert len(images) == 1
    assert images.pop().endswith(f"/pixelmill:{version}")


def test_rays_launcher_accepts_the_cluster(launcher):
    util = pytest.importorskip("ray.autoscaler._private.util")
    # the launcher keeps what it knows of a local cluster under Ray's temporary folder
    util.validate_config(util.prepare_config(launcher))


def test_rays_launcher_would_refuse_a_misspelt_key(launcher):
    util = pytest.importorskip("ray.autoscaler._private.util")
    launcher["max_worker"] = 3
    with pytest.raises(jsonschema.ValidationError, match="'max_worker' was unexpected"):
        util.validate_config(util.prepare_config(launcher))


def test_the_image_copies_what_is_there():
    text = (CLUSTER / "Dockerfile").read_text()
    sources = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    assert len(sources) == 6
    assert [name for name in sources if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_rays_launcher_accepts_the_clouds_with_spot_workers(cloud):
    util = pytest.importorskip("ray.autoscaler._private.util")
    config = yaml.safe_load((CLUSTER / f"ray-cluster-{cloud}.yaml").read_text())
    util.validate_config(util.prepare_config(config))
    head, mill = (config["available_node_types"][name] for name in ("head", "mill"))
    assert head["resources"] == {"CPU": 0}
    assert "spot" in str(mill["node_config"]) or "'preemptible': True" in str(mill["node_config"])
    assert "spot" not in str(head["node_config"])
    assert "preemptible" not in str(head["node_config"])


def test_the_clouds_run_the_image_that_the_others_run(launcher):
    for cloud in ("aws", "gcp"):
        config = yaml.safe_load((CLUSTER / f"ray-cluster-{cloud}.yaml").read_text())
        assert config["docker"]["image"] == launcher["docker"]["image"]


def exported():
    """The names under which Ray shows our metrics to Prometheus."""
    text = (ROOT / "engine" / "pixelmill" / "executors" / "ray_metrics.py").read_text()
    counters = re.findall(r"_counter\(\s*\"(\w+)\"", text)
    gauges = re.findall(r"_gauge\(\s*\"(\w+)\"", text)
    histograms = re.findall(r"\"pixelmill_(\w+)\"", text)
    return {f"ray_pixelmill_{name}_total" for name in counters} | {
        *(f"ray_pixelmill_{name}" for name in gauges),
        *(f"ray_pixelmill_{name}_bucket" for name in histograms),
    }


def test_the_dashboard_draws_what_there_is_and_all_of_it():
    board = json.loads((CLUSTER / "grafana.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert set(re.findall(r"ray_pixelmill_\w+", " ".join(queries))) == exported()
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len(places)


def test_prometheus_reads_where_ray_writes():
    services = pytest.importorskip("ray._private.ray_constants")
    config = yaml.safe_load((CLUSTER / "prometheus.yaml").read_text())
    (file,) = config["scrape_configs"][0]["file_sd_configs"][0]["files"]
    assert file.endswith(services.PROMETHEUS_SERVICE_DISCOVERY_FILE)


def test_shellcheck_has_nothing_to_say_about_the_slurm_script():
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("shellcheck is not installed (apt install shellcheck)")
    done = subprocess.run([shellcheck, CLUSTER / "slurm.sh"], capture_output=True, text=True)
    assert done.stdout == ""


def test_every_way_onto_a_cluster_sees_a_partition():
    """The times without which a node that is cut off is waited for without end."""
    image, slurm = (CLUSTER / "Dockerfile").read_text(), (CLUSTER / "slurm.sh").read_text()
    for name in ("time_ms=3000", "timeout_ms=5000"):
        assert f"RAY_grpc_client_keepalive_{name}" in image
        assert f"RAY_grpc_client_keepalive_{name}" in slurm
