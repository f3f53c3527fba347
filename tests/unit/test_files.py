"""The file store on a local folder and on another fsspec file system."""

import os
import time
from pathlib import Path

import pytest

from pim_pipelines.files import FileStore


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    return FileStore(f"file://{tmp_path}/files" if request.param == "local" else f"memory://{tmp_path}/files")


def test_what_was_written_is_read_back(store: FileStore) -> None:
    with store.open_write("1/job/source") as sink:
        sink.write(b"ean;title\n")

    assert store.exists("1/job/source")
    assert store.size("1/job/source") == 10
    with store.open_read("1/job/source") as source:
        assert source.read() == b"ean;title\n"
    with store.local("1/job/source") as path:
        assert path.read_bytes() == b"ean;title\n"


def test_a_created_file_is_there_whole_or_not_at_all(store: FileStore) -> None:
    with store.create("1/job/rows") as path:
        path.write_bytes(b"whole")
    with pytest.raises(RuntimeError, match="half way"), store.create("1/job/other") as path:
        path.write_bytes(b"ha")
        raise RuntimeError("half way")

    with store.open_read("1/job/rows") as source:
        assert source.read() == b"whole"
    assert not store.exists("1/job/other")


def test_a_folder_goes_with_all_that_is_in_it(store: FileStore) -> None:
    for key in ("1/a/source", "1/a/run/checked", "1/b/source"):
        with store.open_write(key) as sink:
            sink.write(b"x")

    store.delete("1/a")
    store.delete("1/never-there")

    assert not store.exists("1/a/run/checked")
    assert store.exists("1/b/source")


@pytest.mark.parametrize("key", ["/etc/passwd", "1/../../x", ".."])
def test_a_key_never_leaves_the_store(store: FileStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        store.open_write(key)


def test_an_absent_file_is_not_found(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError), store.local("1/absent"):
        pass


def test_what_a_killed_process_was_writing_is_swept_and_nothing_else(tmp_path: Path) -> None:
    store = FileStore(f"file://{tmp_path}")
    for key in ("1/dead/source.abc.part", "1/live/source.abc.part", "1/done/source"):
        with store.open_write(key) as file:
            file.write(b"x")
    an_hour_ago = time.time() - 3600
    for key in ("1/dead/source.abc.part", "1/done/source"):
        os.utime(tmp_path / key, (an_hour_ago, an_hour_ago))

    assert store.sweep(3000) == 1
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "1",
        "1/done",
        "1/done/source",
        "1/live",
        "1/live/source.abc.part",
    ]
    assert FileStore("memory://sweep").sweep(0) == 0
