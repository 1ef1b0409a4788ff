"""A whole job through a proxy that disturbs its storage: the same bytes as undisturbed."""

import hashlib
import io
import itertools
import re
import tarfile
from pathlib import Path

import boto3
import pytest
import s3fs
from fsspec.asyn import sync_wrapper
from servers.fault_proxy import Fault, proxied

import pixelmill
from pixelmill import Job, storage
from pixelmill.errors import NotAllowed, StorageError
from pixelmill.sources import open_source
from pixelmill.storage import pace, patience, reading, stores
from pixelmill.storage.entries import stat_to_read
from pixelmill.storage.pace import pace_of

pytestmark = pytest.mark.s3

_numbers = itertools.count()
QUICK = {"read_timeout": 1, "connect_timeout": 1}  # a stall is cut after a second, not twenty


@pytest.fixture
def through(proxy, s3, monkeypatch):
    """The storage goes by the proxy, and does not wait long between two attempts."""
    monkeypatch.setattr(patience, "PATIENCE", patience.Patience(first_wait=0.01, budget=30))
    monkeypatch.setattr(pace, "_paces", {})
    facts = {**s3.options["s3"], "endpoint_url": proxy.url, "config_kwargs": QUICK}
    storage.configure({"s3": facts})
    yield proxy
    storage.configure({})


@pytest.fixture(scope="module")
def stored(photos, s3):
    """The photographs in the bucket."""
    urls = []
    for path in photos:
        urls.append(storage.join(s3.url, "faults-in", Path(path).name))
        storage.write(urls[-1], Path(path).read_bytes())
    return urls


def job(source, out):
    return Job(
        source=source,
        output=out,
        transforms=[{"min_size": 64}, {"resize": 64}],
        max_failures=10,
        executor={"kind": "inline", "workers": 2},
    )


def digests(s3, out):
    """What lies in the bucket, asked without the proxy; the ledger tells times, so not that."""
    fs = s3fs.S3FileSystem(**s3.options["s3"], use_listings_cache=False)
    base = out.removeprefix("s3://")
    return {
        path.removeprefix(base): hashlib.sha256(fs.cat_file(path)).hexdigest()
        for path in fs.find(base)
        if path.endswith((".tar", "manifest.json"))
    }


def out_of(s3):
    return storage.join(s3.url, f"faults-out-{next(_numbers)}")


@pytest.fixture(scope="module")
def undisturbed(stored, s3):
    out = out_of(s3)
    assert pixelmill.run(job(stored, out)).exit_code == 0
    return digests(s3, out)


RARELY = 17
FAULTS = {
    "latency": Fault("latency", every=1, value=0.05),
    "slow_down": Fault("slow_down", every=1, value=15),
    "reset": Fault("reset", every=2),
    "reset_before": Fault("reset_before", every=4),
    "truncated": Fault("truncated", every=2),
    "stall": Fault("stall", every=2),
    "flipped": Fault("flipped", every=2),
    # An upload is sent three times: with the other worker's between, every third may be it thrice.
    "flipped_upload": Fault("flipped_upload", every=5, methods=("PUT",)),
}


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [reading.CHUNK, 100_000], ids=["whole", "ranges"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_disturbed_job_writes_the_same_bytes(
    kind, chunk, through, stored, undisturbed, s3, monkeypatch
):
    if kind in ("latency", "slow_down", "flipped_upload", "stall") and chunk != reading.CHUNK:
        pytest.skip("chunks make no difference to it")
    monkeypatch.setattr(reading, "CHUNK", chunk)
    through.fault, out = FAULTS[kind], out_of(s3)
    if (kind, chunk) == ("flipped", 100_000):
        through.fault = Fault("flipped", every=RARELY)  # or no shard would ever come well
    for _ in range(4):  # what changed on its way through several chunks is seen at the end only
        report = pixelmill.run(job(stored, out))
        if report.exit_code == 0 or (kind, chunk) != ("flipped", 100_000):
            break
    assert report.exit_code == 0, report.failed
    assert report.tally.balances
    assert digests(s3, out) == undisturbed
    assert through.here[kind] >= (1 if through.fault.every == RARELY else 2)


def test_a_run_asks_a_bucket_for_nothing_that_it_knows(stored, s3, monkeypatch):
    """Behind 50 ms each request that waits for the one before is 50 ms of a run, however small."""
    out = out_of(s3)
    fs, _ = storage.filesystem(out)
    call, asked = fs._call_s3, []

    async def noted(method, *args, **kwargs):
        asked.append(f"{method} {(kwargs.get('Key') or kwargs['Prefix']).partition('/')[2]}")
        return await call(method, *args, **kwargs)

    monkeypatch.setattr(fs, "_call_s3", noted)
    monkeypatch.setattr(fs, "call_s3", sync_wrapper(noted, obj=fs))
    assert pixelmill.run(job(stored[:1], out)).exit_code == 0
    source = Path(stored[0]).name
    begins = [
        *(f"head_object {source}", f"get_object {source}"),  # its first block: is it a tar of tars
        *("list_objects_v2 lease/", "put_object lease/000001.json"),
        *("get_object job.yaml", "list_objects_v2 "),
        *("put_object ledger/inputs.json", "put_object job.yaml"),
    ]
    works = [
        *(f"head_object {source}", f"get_object {source}"),
        *("list_objects_v2 lease/", "put_object train-000000.tar"),
        *("list_objects_v2 lease/", "put_object ledger/000000.json"),
    ]
    papers = ["put_object README.md", "put_object croissant.json", "put_object manifest.json"]
    ends = [*papers, "delete_object lease/000001.json"]
    assert asked[: len(begins)] == begins
    side_by_side = ["list_multipart_uploads ", "list_objects_v2 ledger/"]
    assert sorted(asked[len(begins) :][:2]) == side_by_side
    assert asked[len(begins) + 2 :][: len(works)] == works
    assert sorted(asked[-6:-4]) == ["list_objects_v2 lease/", "list_objects_v2 ledger/"]
    assert asked[-4:] == ends
    assert len(asked) == len(begins) + 2 + len(works) + 2 + len(ends)


def test_a_store_that_sends_the_whole_for_a_range_is_not_believed(through, stored, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", patience.Patience(first_wait=0.001, attempts=3))
    through.fault = Fault("no_ranges")
    with pytest.raises(StorageError, match="bytes 10 to 20 were asked for"):
        storage.read_range(stored[0], 10, 20)
    through.fault = Fault()
    assert storage.read_range(stored[0], 10, 20) == storage.read(stored[0])[10:20]


def test_a_header_that_changed_on_its_way_is_no_damage_of_the_shard(through, s3, monkeypatch):
    url = storage.join(s3.url, f"headers-{next(_numbers)}.tar")
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for number in range(1000):
                tar.addfile(tarfile.TarInfo(f"{number}.txt"))
        storage.write(url, file.getvalue())
    monkeypatch.setattr(reading, "CHUNK", 50 * 512)
    source = open_source([url], "webdataset")
    through.fault = Fault("flipped", every=5)
    with pytest.raises(StorageError, match="changed on their way"):
        list(source.read(source.parts()[0]))
    through.fault = Fault()
    assert len(list(source.read(source.parts()[0]))) == 1000


def by_pixelmill(url, data):
    with storage.Upload(url) as upload:
        upload.write(data)
        upload.commit()


def by_boto(url, data):
    fs, path = storage.filesystem(url)
    bucket, key, _ = fs.split_path(path)
    client = boto3.client(
        "s3",
        endpoint_url=fs.endpoint_url,
        aws_access_key_id=fs.key,
        aws_secret_access_key=fs.secret,
        region_name="us-east-1",
    )
    client.upload_fileobj(io.BytesIO(data), bucket, key)


def by_an_older_client(url, data):
    """It asks for no checksum to be kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores.s3, "_kept", lambda client: {})
        by_pixelmill(url, data)


@pytest.fixture
def through_to_weed(weed, injected, monkeypatch):
    """To a store that keeps every checksum; moto says of some not what they are of."""
    monkeypatch.setattr(patience, "PATIENCE", patience.Patience(first_wait=0.01, budget=30))
    with proxied(weed.endpoint, injected) as server:
        storage.configure({"s3": {**weed.options["s3"], "endpoint_url": server.url}})
        yield server
        storage.configure({})


KEPT = {by_pixelmill: r"crc32 \w{8}", by_boto: r"crc32 \w{8}-3", by_an_older_client: ""}


@pytest.mark.parametrize("put", KEPT)
def test_a_wrong_bit_in_an_object_of_several_parts_is_told(through_to_weed, weed, rng, put):
    """By whichever checksum the store keeps of it: of the whole, of the parts, or an md5 alone."""
    through = through_to_weed
    url, data = storage.join(weed.url, f"parts-{next(_numbers)}"), rng.bytes(17_000_000)
    put(url, data)
    found = stat_to_read(url)
    assert found.checksum.endswith("-3")
    assert re.fullmatch(KEPT[put], found.crc)
    assert b"".join(storage.chunks(url)) == data
    through.fault = Fault("flipped", every=2)
    with pytest.raises(StorageError, match="changed on their way"):
        list(storage.chunks(url))


@pytest.fixture
def keys_in_a_file(through, tmp_path, monkeypatch, s3):
    """Credentials as a sidecar keeps them: in a file, under the name `old` at first."""
    file = tmp_path / "credentials"

    def write(key):
        file.write_text(f"[default]\naws_access_key_id={key}\naws_secret_access_key=x\n")

    write("old")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    storage.configure({"s3": {"endpoint_url": through.url, "config_kwargs": QUICK}})
    return write


def test_credentials_that_expire_in_mid_run_are_read_again(
    keys_in_a_file, through, stored, undisturbed, s3
):
    out = out_of(s3)
    storage.exists(storage.join(out, "x"))  # connected, with the old ones
    through.fault = Fault("expired", value="old")
    keys_in_a_file("new")
    assert pixelmill.run(job(stored, out)).exit_code == 0
    assert digests(s3, out) == undisturbed
    assert through.here["expired"] >= 1


def test_credentials_that_stay_expired_are_told_at_once(keys_in_a_file, through, stored):
    through.fault = Fault("expired", value="old")
    with pytest.raises(NotAllowed, match=r"credentials have expired.*get new ones"):
        storage.read(stored[0])
    assert through.here["expired"] <= 3


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("AccessDenied", "check the credentials in the environment and what they allow"),
        ("SignatureDoesNotMatch", "check the credentials in the environment"),
        ("NoSuchBucket", "no such bucket; check its name and the endpoint"),
        ("PermanentRedirect", r"another region \(.*\); set AWS_DEFAULT_REGION"),
        ("AuthorizationHeaderMalformed", r"another region \(.*\); set AWS_DEFAULT_REGION"),
    ],
)
def test_what_will_not_pass_is_told_at_once_with_what_to_check(through, stored, code, told):
    through.fault = Fault("refused", every=1, value=code, methods=("GET", "PUT"))
    for ask in (storage.read, lambda url: storage.write(url + ".new", b"x")):
        with pytest.raises(StorageError, match=told):
            ask(stored[0])
    assert through.here["refused"] <= 6  # botocore itself asks for the bucket's region


def test_all_requests_slow_down_when_the_store_says_so(through, stored):
    for number in range(30):
        storage.read_range(stored[0], number, number + 1)
    through.fault = Fault("slow_down", every=1, value=3)
    for number in range(6):
        storage.read_range(stored[0], number, number + 1)
    assert pace_of(stored[0]).rate is not None
