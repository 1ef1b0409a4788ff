import sys

import pytest

from pixelmill import storage
from pixelmill.errors import MissingPackage, StorageError
from pixelmill.storage import backends


def test_everything_public_is_listed_and_sorted():
    assert storage.__all__ == sorted(storage.__all__)
    assert all(hasattr(storage, name) for name in storage.__all__)


@pytest.mark.parametrize(
    ("base", "names", "joined"),
    [
        ("a", ["b", "c"], "a/b/c"),
        ("a/", ["b"], "a/b"),
        ("", ["b"], "b"),
        ("/", ["b"], "/b"),
        ("memory://", ["b"], "memory://b"),
        ("s3://bucket", ["a b?", "c"], "s3://bucket/a b?/c"),
        ("https://host/a?sig=1", ["b"], "https://host/a/b?sig=1"),
    ],
)
def test_joining_adds_names_to_the_path(base, names, joined):
    assert storage.join(base, *names) == joined


@pytest.mark.parametrize(
    ("url", "parent", "name"),
    [
        ("a/b", "a", "b"),
        ("b", ".", "b"),
        ("/b", "/", "b"),
        ("s3://bucket/b", "s3://bucket", "b"),
        ("file:///b", "file:///", "b"),
    ],
)
def test_a_url_lies_in_its_parent_under_its_name(url, parent, name):
    assert (storage.parent(url), storage.name(url)) == (parent, name)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/data/a?b.tar", "/data/a?b.tar"),
        ("s3://key:secret@bucket/a", "s3://***@bucket/a"),
        ("https://user@host/a?X-Amz-Signature=abc", "https://***@host/a?***"),
        ("abfs://box@account.dfs.core.windows.net/a", "abfs://box@account.dfs.core.windows.net/a"),
    ],
)
def test_no_secret_is_shown(url, shown):
    assert storage.masked(url) == shown


def test_an_unknown_protocol_is_answered_with_the_nearest():
    with pytest.raises(StorageError, match=r"'memry'; did you mean memory://\?"):
        storage.read("memry://x")


def test_a_shell_command_is_refused():
    with pytest.raises(StorageError, match="never run"):
        storage.read("pipe:cat x.tar")


@pytest.mark.parametrize(
    ("kind", "module", "extra"),
    [
        ("s3", "s3fs", "s3"),
        ("gs", "gcsfs", "gcs"),
        ("az", "adlfs", "azure"),
        ("https", "aiohttp", "http"),
    ],
)
def test_a_missing_package_is_answered_with_its_pip_line(monkeypatch, kind, module, extra):
    from fsspec.registry import _registry

    for name in ("s3", "gs", "gcs", "az", "abfs", "http", "https"):
        monkeypatch.delitem(_registry, name, raising=False)
    for name in ("s3fs", "gcsfs", "adlfs", "fsspec.implementations.http"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackage, match=rf"pip install 'pixelmill\[{extra}\]'"):
        storage.read(f"{kind}://place/x")


def test_options_are_set_once_and_travel():
    storage.configure({"s3a": {"anon": True, "client_kwargs": {"region_name": "eu"}}})
    try:
        told = storage.configured()
        assert told == {"s3": {"anon": True, "client_kwargs": {"region_name": "eu"}}}
        told["s3"]["anon"] = False
        assert storage.configured()["s3"]["anon"]
    finally:
        storage.configure({})
    assert backends.configured() == {}


def test_options_reach_the_file_system():
    s3fs = pytest.importorskip("s3fs")
    storage.configure({"s3": {"anon": True}})
    try:
        fs, path = storage.filesystem("s3://bucket/key")
    finally:
        storage.configure({})
    assert isinstance(fs, s3fs.S3FileSystem)
    assert fs.anon
    assert path == "bucket/key"
