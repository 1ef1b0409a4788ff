"""Local files: whole or not at all, on disks that are full, read-only or oddly laid out."""

import os
import subprocess
import sys

import pytest

from pixelmill import storage
from pixelmill.errors import DiskFull, NotAllowed, StorageError


def fill(upload, pieces):
    with upload:
        for _ in range(pieces):
            upload.write(bytes(1 << 20))
        upload.commit()


def test_a_full_disk_is_told_and_nothing_is_left(mounted):
    disk = mounted("size=4m")
    url = str(disk / "x.tar")
    with pytest.raises(DiskFull, match=r"x\.tar.*free some space"):
        storage.write(url, bytes(5 << 20))
    with pytest.raises(DiskFull):
        fill(storage.Upload(url), 10)
    assert list(disk.iterdir()) == []
    storage.write(url, bytes(1 << 20))


def test_a_full_disk_leaves_the_old_file(mounted):
    disk = mounted("size=4m")
    url = str(disk / "x.tar")
    storage.write(url, b"old")
    with pytest.raises(DiskFull):
        storage.write(url, bytes(5 << 20))
    assert storage.read(url) == b"old"


def test_a_read_only_disk_is_told(mounted):
    disk = mounted("size=1m")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(NotAllowed, match="read-only"):
        storage.write(str(disk / "x"), b"")
    with pytest.raises(NotAllowed, match="read-only"):
        storage.Upload(str(disk / "folder" / "x"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_forbidden_folder_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(NotAllowed, match="check who owns it"):
        storage.write(str(tmp_path / "x"), b"")
    tmp_path.chmod(0o700)


def test_a_full_device_is_told():
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    from pixelmill.storage.faults import told

    with (
        pytest.raises(DiskFull, match="no room"),
        told("x", "writing"),
        open("/dev/full", "wb", buffering=0) as file,
    ):
        file.write(b"x")


def test_the_free_room_is_that_of_the_first_folder_that_is_there(mounted):
    disk = mounted("size=2m")
    assert storage.free_bytes(str(disk / "not" / "there" / "yet")) == 2 << 20
    assert storage.free_bytes("memory://x") is None


def test_a_killed_process_leaves_only_a_temporary_file(tmp_path):
    url = str(tmp_path / "x.tar")
    code = (
        "import os, sys; from pixelmill.storage import Upload; upload = Upload(sys.argv[1])\n"
        "for _ in range(20): upload.write(bytes(1 << 20))\n"
        "os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, url], env=environment, check=False)
    assert [name.startswith(".pixelmill-tmp-") for name in os.listdir(tmp_path)] == [True]
    assert storage.listing(str(tmp_path)) == []
    assert storage.sweep(str(tmp_path)) == 1
    assert os.listdir(tmp_path) == []


def test_the_mode_is_that_of_any_new_file(tmp_path):
    storage.write(str(tmp_path / "ours"), b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_links_are_followed_but_not_in_circles(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"x")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    names = [
        entry.url.removeprefix(f"{tmp_path}/") for entry in storage.listing(str(tmp_path), True)
    ]
    assert names == ["linked/a", "real/a"]


def test_a_path_starts_at_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    storage.write("a.tar", b"x")
    assert [entry.url for entry in storage.listing(".")] == ["./a.tar"]
    assert [entry.url for entry in storage.glob("*.tar")] == ["a.tar"]
    assert storage.glob("*.tar") == [storage.stat("a.tar")]


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(StorageError, match=r"writing .*/x failed"):
        storage.write(str(tmp_path / "x"), b"")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    with pytest.raises(StorageError, match="reading"):
        storage.read(str(tmp_path / "x"))
