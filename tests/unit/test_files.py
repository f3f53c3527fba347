"""The file store on a local folder and on another fsspec file system."""

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
