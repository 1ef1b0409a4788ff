"""What every storage promises, asked of each in the same words."""

import hashlib
import itertools
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partialmethod

import pytest
from fsspec.asyn import sync_wrapper

from pixelmill import storage
from pixelmill.errors import InputMissing, NotAllowed, StorageError
from pixelmill.storage import fetching, objects, reading
from pixelmill.storage.objects import LargeObject

_numbers = itertools.count()


def read_or_fail(url):
    assert storage.read(url) == b"x" * 1000


SEVERAL = 11_000_001  # bytes that take three parts, and three chunks


def our_threads():
    """Those that read ahead; clients keep threads of their own."""
    return (one for one in threading.enumerate() if one.name.startswith(("pixelmill-read", "lane")))


class StorageContract:
    """A subclass gives `base`: the URL of a folder that is empty or not there yet."""

    @pytest.fixture(autouse=True)
    def small_parts(self, monkeypatch):
        """The smallest that S3 takes, so that what takes several is soon there."""
        for module, name in ((objects, "_PART"), (reading, "CHUNK"), (fetching, "CHUNK")):
            monkeypatch.setattr(module, name, 5 << 20)

    def test_what_is_written_is_read(self, base):
        url = storage.join(base, "a", "b.bin")
        storage.write(url, b"first")
        storage.write(url, b"second")
        assert storage.read(url) == b"second"
        assert storage.exists(url)

    def test_an_empty_file_is_a_file(self, base):
        url = storage.join(base, "empty")
        storage.write(url, b"")
        assert storage.read(url) == b""
        assert storage.stat(url).size == 0
        assert list(storage.chunks(url)) == []
        with storage.Upload(storage.join(base, "empty-too")) as upload:
            upload.commit()
        assert storage.read(storage.join(base, "empty-too")) == b""

    @pytest.mark.parametrize("size", [1, 1_000_000, SEVERAL], ids=lambda size: f"{size}B")
    def test_an_upload_gives_back_its_bytes_size_and_sha256(self, base, rng, size):
        data = rng.bytes(size)
        url = storage.join(base, "up.bin")
        with storage.Upload(url) as upload:
            for start in range(0, size, 700_001):
                upload.write(data[start : start + 700_001])
            assert not storage.exists(url), "an unfinished file is seen under its name"
            upload.commit()
        assert upload.size == size == storage.stat(url).size
        assert upload.sha256 == hashlib.sha256(data).hexdigest()
        assert storage.read(url) == data

    @pytest.mark.parametrize("size", [1, SEVERAL], ids=lambda size: f"{size}B")
    def test_an_upload_copies_from_local_files(self, base, rng, tmp_path, size):
        """Between what is written, in order; a target that keeps its bytes has its own of them."""
        data, url = rng.bytes(size + 9), storage.join(base, "copy.bin")
        (tmp_path / "source").write_bytes(data)
        with storage.Upload(url) as upload:
            upload.write(b"before")
            upload.copy(str(tmp_path / "source"), 5, size + 5)
            upload.write(b"between")
            upload.copy(str(tmp_path / "source"), 0, 5)
            upload.commit()
        expected = b"before" + data[5 : size + 5] + b"between" + data[:5]
        assert storage.read(url) == expected
        assert upload.size == len(expected)
        assert upload.sha256 == hashlib.sha256(expected).hexdigest()

    def test_an_upload_that_copies_from_a_file_that_ends_leaves_nothing(self, base, tmp_path):
        (tmp_path / "source").write_bytes(bytes(3_000_000))
        url = storage.join(base, "short.bin")
        with storage.Upload(url) as upload:
            upload.copy(str(tmp_path / "source"), 10, 3_000_001)
            with pytest.raises(StorageError, match=r"source .*bytes 10 to 3000001 .* at 3000000"):
                upload.commit()
        assert not storage.exists(url)

    @pytest.mark.parametrize("size", [10, SEVERAL], ids=lambda size: f"{size}B")
    def test_an_upload_that_fails_leaves_nothing(self, base, size):
        url = storage.join(base, "none.bin")
        with pytest.raises(TypeError), storage.Upload(url) as upload:
            upload.write(bytes(size) + None)
        with storage.Upload(url) as upload:
            upload.write(bytes(size))  # left without a commit
        assert not storage.exists(url)
        storage.write(storage.join(base, "other"), b"")
        assert [storage.name(entry.url) for entry in storage.listing(base, True)] == ["other"]

    def test_an_upload_that_fails_leaves_the_old_file(self, base):
        url = storage.join(base, "old.bin")
        storage.write(url, b"old")
        with storage.Upload(url) as upload:
            upload.write(b"new")
        assert storage.read(url) == b"old"

    def test_nothing_is_written_after_the_commit(self, base):
        with storage.Upload(storage.join(base, "x")) as upload:
            upload.commit()
            with pytest.raises(StorageError, match="committed already"):
                upload.write(b"more")

    def test_chunks_are_the_file_in_order(self, base, rng):
        data = rng.bytes(3_000_001)
        url = storage.join(base, "c.bin")
        storage.write(url, data)
        assert b"".join(storage.chunks(url)) == data
        sizes = [len(chunk) for chunk in storage.chunks(url, 1_000_000)]
        assert sizes == [1_000_000, 1_000_000, 1_000_000, 1]

    def test_closing_the_chunks_ends_their_thread(self, base):
        url = storage.join(base, "c.bin")
        storage.write(url, bytes(1_000_000))
        chunks = storage.chunks(url, 1000)
        next(chunks)
        chunks.close()
        assert not list(our_threads())

    def test_a_range_is_read_exactly(self, base):
        url = storage.join(base, "r.bin")
        storage.write(url, bytes(range(256)))
        assert storage.read_range(url, 10, 20) == bytes(range(10, 20))
        assert storage.read_range(url, 0, 256) == bytes(range(256))
        assert storage.read_range(url, 7, 7) == b""
        with pytest.raises(StorageError, match="ends at 256"):
            storage.read_range(url, 250, 300)

    def test_listings_are_sorted_and_hold_files_only(self, base):
        for name in ("b.tar", "a.tar", "sub/c.tar", "sub/deep/d.txt"):
            storage.write(storage.join(base, name), name.encode())
        flat = [storage.join(base, name) for name in ("a.tar", "b.tar")]
        assert [entry.url for entry in storage.listing(base)] == flat
        deep = [storage.join(base, name) for name in ("sub/c.tar", "sub/deep/d.txt")]
        assert [entry.url for entry in storage.listing(base, recursive=True)] == flat + deep
        assert [entry.url for entry in storage.glob(storage.join(base, "*.tar"))] == flat
        assert [entry.url for entry in storage.glob(storage.join(base, "*", "c.*"))] == deep[:1]
        assert storage.glob(storage.join(base, "*.zip")) == []

    def test_the_stamp_is_the_same_however_it_is_asked_for(self, base):
        urls = [storage.join(base, f"{number:02}.tar") for number in range(10)]
        for url in urls:
            storage.write(url, url.encode())
        entries = [storage.stat(url) for url in urls]
        assert storage.listing(base) == entries
        assert storage.glob(storage.join(base, "*.tar")) == entries
        assert storage.stat_all(urls[::-1]) == entries[::-1]
        assert all(entry.stamp for entry in entries)

    def test_a_listing_sees_what_was_just_written(self, base):
        storage.write(storage.join(base, "1"), b"")
        assert len(storage.listing(base)) == 1
        storage.write(storage.join(base, "2"), b"")
        assert len(storage.listing(base)) == 2
        storage.remove(storage.join(base, "1"))
        assert len(storage.listing(base)) == 1

    def test_what_is_not_there_is_said_to_be_missing(self, base):
        storage.write(storage.join(base, "here"), b"")
        url = storage.join(base, "not-here")
        asked = [storage.read, storage.stat, storage.listing, lambda url: list(storage.chunks(url))]
        for ask in asked:
            with pytest.raises(InputMissing, match="not-here"):
                ask(url)
        urls = [storage.join(base, name) for name in ("none-1", "here", "none-2")]
        with pytest.raises(InputMissing, match=r"2 of 3 inputs are missing.*none-1"):
            storage.stat_all(urls)
        assert not storage.exists(url)
        assert not storage.is_folder(url)

    def test_removing_twice_is_no_error(self, base):
        url = storage.join(base, "gone")
        storage.write(url, b"x")
        storage.remove(url)
        storage.remove(url)
        assert not storage.exists(url)

    def test_a_folder_is_no_file(self, base):
        storage.write(storage.join(base, "folder", "file"), b"")
        assert storage.is_folder(storage.join(base, "folder"))
        assert not storage.is_folder(storage.join(base, "folder", "file"))
        with pytest.raises(StorageError, match="folder"):
            storage.stat(storage.join(base, "folder"))
        with pytest.raises(StorageError):
            storage.listing(storage.join(base, "folder", "file"))

    @pytest.mark.parametrize("name", ["größe 1", "a+b", "a#b", "100%", "%20", "写真 ' & = @ ~ !"])
    def test_names_may_hold_blanks_signs_and_letters_of_any_script(self, base, name):
        small, large = (storage.join(base, f"{name} in", f"{name}.{end}") for end in ("txt", "tar"))
        storage.write(small, b"x")
        with storage.Upload(large) as upload:
            upload.write(bytes(5_300_000))  # in parts where there are any
            upload.commit()
        assert [entry.url for entry in storage.listing(base, recursive=True)] == [large, small]
        assert [entry.url for entry in storage.glob(storage.join(base, "*", "*.txt"))] == [small]
        assert storage.read(small) == b"x"
        assert storage.read_range(large, 5_299_990, 5_300_000) == bytes(10)
        assert len(b"".join(storage.chunks(large))) == 5_300_000
        assert storage.stat(large).size == 5_300_000
        storage.remove(large)
        assert not storage.exists(large)

    def test_many_threads_share_one_storage(self, base, rng):
        written = {storage.join(base, f"{number}"): rng.bytes(200_000) for number in range(16)}

        def write_and_read(url):
            with storage.Upload(url) as upload:
                upload.write(written[url])
                upload.commit()
            return b"".join(storage.chunks(url, 30_000)) == storage.read(url) == written[url]

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(write_and_read, written))
        assert len(storage.listing(base)) == 16

    def test_a_sweep_removes_what_was_left_unfinished(self, base):
        storage.write(storage.join(base, "keep"), b"x")
        upload = storage.Upload(storage.join(base, "part.bin"))
        upload.write(bytes(SEVERAL))
        upload._join()
        if isinstance(upload._target, LargeObject):
            upload._target._land(0)  # the process is killed about here
        storage.sweep(base)
        assert [storage.name(entry.url) for entry in storage.listing(base)] == ["keep"]
        assert storage.sweep(base) == 0
        upload.abort()


class TestLocalPath(StorageContract):
    @pytest.fixture
    def base(self, tmp_path):
        return str(tmp_path / "box")


class TestFileUrl(StorageContract):
    @pytest.fixture
    def base(self, tmp_path):
        return f"file://{tmp_path}/box"


class TestMemory(StorageContract):
    @pytest.fixture
    def base(self):
        return f"memory://box-{next(_numbers)}"


class ObjectStore(StorageContract):
    """Those that are asked over the network."""

    many = 1_050

    @pytest.fixture
    def server(self):
        raise NotImplementedError

    @pytest.fixture
    def base(self, server):
        storage.configure(server.options)
        yield f"{server.url}/box-{next(_numbers)}"
        storage.configure({})

    def test_a_wrong_bucket_is_missing(self, base):
        wrong = f"{storage.protocol(base)}://no-such-bucket-{next(_numbers)}/x"
        for ask in (storage.stat, storage.read, lambda url: storage.write(url, b"")):
            with pytest.raises(InputMissing, match="no-such-bucket"):
                ask(wrong)

    @pytest.mark.slow
    def test_more_keys_than_one_answer_holds_are_listed(self, base):
        """S3 and Google give a thousand a page."""
        urls = [storage.join(base, "many", f"{number:04}") for number in range(self.many)]
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda url: storage.write(url, b""), urls))
        assert [entry.url for entry in storage.listing(storage.join(base, "many"))] == urls
        assert len(storage.stat_all(urls)) == len(urls)
        storage.remove_folder(storage.join(base, "many"))
        assert storage.glob(storage.join(base, "many", "*")) == []


class TestGcs(ObjectStore):
    @pytest.fixture
    def server(self, gcs):
        return gcs


class TestAzure(ObjectStore):
    many = 50

    @pytest.fixture
    def server(self, azure, monkeypatch):
        """With pages of 20: its own hold five thousand, which take a minute to write."""
        client = pytest.importorskip("azure.storage.blob.aio").ContainerClient
        for name in ("walk_blobs", "list_blobs"):
            in_pages = partialmethod(getattr(client, name), results_per_page=20)
            monkeypatch.setattr(client, name, in_pages)
        return azure


@pytest.mark.s3
class TestSeaweed(ObjectStore):
    @pytest.fixture
    def server(self, weed):
        return weed

    def test_a_wrong_bucket_is_missing(self, base):
        pytest.skip("SeaweedFS makes buckets by itself")


@pytest.mark.s3
class TestS3(StorageContract):
    @pytest.fixture
    def base(self, s3):
        return f"{s3.url}/box-{next(_numbers)}"

    def test_a_wrong_bucket_is_missing(self, s3):
        if s3.kind == "weed":
            pytest.skip("SeaweedFS makes buckets by itself")
        with pytest.raises(InputMissing, match="s3://no-such-bucket"):
            storage.write("s3://no-such-bucket/x", b"")
        with pytest.raises(InputMissing, match="s3://no-such-bucket"):
            storage.listing("s3://no-such-bucket/x")

    def test_a_wrong_secret_is_not_allowed_and_not_shown(self, base, s3):
        if s3.kind == "moto":
            pytest.skip("moto takes any secret; run with PIXELMILL_S3=weed")
        storage.configure({"s3": {"key": "test", "secret": "wrong-secret"}})
        try:
            with pytest.raises(NotAllowed, match="check the credentials") as caught:
                storage.read(storage.join(base, "x"))
        finally:
            storage.configure({})
        assert "wrong-secret" not in str(caught.value)

    @pytest.mark.usefixtures("quick_retries")
    def test_an_upload_gets_over_requests_that_fail(self, base, rng, monkeypatch):
        data = rng.bytes(SEVERAL)
        fs, _ = storage.filesystem(base)
        call, failed = fs._call_s3, set()

        async def failing(method, *args, **kwargs):
            """Each kind of request, and each part, fails once before it is sent and once after."""
            name = (method, kwargs.get("PartNumber"))
            for when in ("before", "after"):
                if method != "list_objects_v2" and (name, when) not in failed:
                    failed.add((name, when))
                    if when == "after" and method in ("upload_part", "create_multipart_upload"):
                        await call(method, *args, **kwargs)  # it was done; only the answer is lost
                    raise ConnectionResetError(method)
            return await call(method, *args, **kwargs)

        monkeypatch.setattr(fs, "_call_s3", failing)
        monkeypatch.setattr(fs, "call_s3", sync_wrapper(failing, obj=fs))
        url = storage.join(base, "x")
        with storage.Upload(url) as upload:
            for start in range(0, len(data), 3_000_000):
                upload.write(data[start : start + 3_000_000])
            upload.commit()
        assert {method for (method, _), _ in failed} >= {
            "create_multipart_upload",
            "upload_part",
            "complete_multipart_upload",
        }
        assert b"".join(storage.chunks(url)) == data

    def test_an_object_costs_as_few_requests_as_can_be(self, base, rng, monkeypatch):
        """Behind 50 ms each one more is 50 ms more, and some tasks have a core meanwhile."""
        fs, _ = storage.filesystem(base)
        call, asked = fs._call_s3, []

        async def noted(method, *args, **kwargs):
            asked.append(method)
            return await call(method, *args, **kwargs)

        monkeypatch.setattr(fs, "_call_s3", noted)
        url = storage.join(base, "x")
        with storage.Upload(url) as upload:
            upload.write(rng.bytes(SEVERAL))
            upload.commit()
        parts = ["upload_part"] * 3
        assert asked == ["create_multipart_upload", *parts, "complete_multipart_upload"]
        asked.clear()
        assert len(b"".join(storage.chunks(url))) == SEVERAL
        assert asked == ["head_object", *["get_object"] * 3]

    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_a_forked_process_has_a_connection_of_its_own(self, base):
        url = storage.join(base, "x")
        storage.write(url, b"x" * 1000)
        child = multiprocessing.get_context("fork").Process(target=read_or_fail, args=(url,))
        child.start()
        child.join(30)
        assert child.exitcode == 0
        assert storage.read(url) == b"x" * 1000

    def test_an_interrupted_upload_leaves_no_parts_behind(self, base):
        with storage.Upload(storage.join(base, "x")) as upload:
            upload.write(bytes(SEVERAL))
        fs, _ = storage.filesystem(base)
        prefix = base.partition("pixelmill-test/")[2]
        left = fs.call_s3("list_multipart_uploads", Bucket="pixelmill-test", Prefix=prefix)
        assert not left.get("Uploads")

    @pytest.mark.usefixtures("s3", "quick_retries")
    def test_no_endpoint_is_told_soon_and_in_words(self):
        storage.configure({"s3": {"endpoint_url": "http://127.0.0.1:9"}})
        try:
            with pytest.raises(StorageError, match=r"s3://b/x failed.*127\.0\.0\.1:9"):
                storage.exists("s3://b/x")
        finally:
            storage.configure({})
