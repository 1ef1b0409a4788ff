"""Exclusive creation: of all who try at once exactly one has made the file."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from pixelmill import storage
from pixelmill.errors import InputMissing
from pixelmill.storage import create, read, rewrite


@pytest.fixture(params=["local", "memory", pytest.param("s3", marks=pytest.mark.s3)])
def place(request, tmp_path):
    if request.param == "local":
        return str(tmp_path / "new")
    if request.param == "memory":
        return f"memory://exclusive-{os.path.basename(tmp_path)}"
    return f"{request.getfixturevalue('s3').url}/exclusive-{os.path.basename(tmp_path)}"


def test_of_many_at_once_exactly_one_succeeds_and_its_bytes_stay(place):
    url = storage.join(place, "one")
    if place.startswith("memory"):  # it is one process's own, and not made for threads
        won = [create(url, b"%d" % number) for number in range(8)]
    else:
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda number: create(url, b"%d" % number), range(8)))
    assert won.count(True) == 1
    assert read(url) == b"%d" % won.index(True)
    assert [entry.url.rpartition("/")[2] for entry in storage.listing(place)] == ["one"]


def test_what_is_there_is_rewritten_and_what_is_gone_does_not_come_back(place):
    url = storage.join(place, "one")
    assert create(url, b"before")
    rewrite(url, b"after.")
    assert read(url) == b"after."
    storage.remove(url)
    with pytest.raises(InputMissing):
        rewrite(url, b"after.")
    assert not storage.exists(url)


def test_a_file_system_without_links_has_it_all_the_same(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refused)
    assert create(str(tmp_path / "one"), b"first")
    assert not create(str(tmp_path / "one"), b"second")
    assert (tmp_path / "one").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_has_room_for_a_sign_of_life(mounted):
    disk = mounted("size=64k")
    url = str(disk / "one")
    assert create(url, bytes(1024))
    with pytest.raises(OSError, match="No space"):
        fill(disk / "rest")
    rewrite(url, b"x" * 1024)
    assert read(url) == b"x" * 1024


def fill(path):
    with open(path, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
