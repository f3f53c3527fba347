"""Zip archives: one product list is read out of them, never beyond a size, never by a member's name as a path."""

import io
import random
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pim_pipelines.errors import BrokenFile, FileTooLarge, UnsupportedFormat
from pim_pipelines.importing.readers import ReadOptions, Table, normalise

CSV = b"sku;title\n1;Lamp\n2;Chair\n"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(folder: Path, content: bytes, options: ReadOptions | None = None) -> Table:
    source = folder / "source"
    source.write_bytes(content)
    return normalise(source, "list.zip", folder / "rows.parquet", options or ReadOptions())


@pytest.mark.parametrize(
    "members",
    [
        {"list.csv": CSV},
        {"__MACOSX/._list.csv": b"x", "list.csv": CSV, ".DS_Store": b"y"},
        {"README.txt": b"how to", "export/list.tsv": CSV, "LICENSE": b"..."},
        {"list": CSV},
        {"../../etc/list.csv": CSV},
        {"/abs/list.csv": CSV},
        {"c:\\list.csv": CSV},
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_the_product_list_of_an_archive_is_read(tmp_path: Path, members: dict[str, bytes], method: int) -> None:
    table = read(tmp_path, zipped(members, method))

    assert (table.file_type, table.columns, table.total_rows) == ("csv", ["sku", "title"], 2)
    assert pq.read_table(tmp_path / "rows.parquet")["c1"].to_pylist() == ["Lamp", "Chair"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.parquet", "source"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": CSV, "b.csv": CSV}, r"2 files \(a.csv, b.csv\)"),
        ({"readme.txt": b"x", "a.csv": CSV, "b.xml": b"<x/>"}, r"2 files \(a.csv, b.xml\)"),
        ({"inner.zip": zipped({"a.csv": CSV})}, "archive inside an archive"),
        ({"page.html": b"<html></html>"}, "HTML page"),
    ],
)
def test_other_archives_are_refused_with_what_is_in_them(tmp_path: Path, members: dict[str, bytes], words: str) -> None:
    with pytest.raises(UnsupportedFormat, match=words):
        read(tmp_path, zipped(members))


def test_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": CSV}))
    content[6] |= 1  # the flag in the member's own header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and in the directory

    with pytest.raises(UnsupportedFormat, match="password"):
        read(tmp_path, bytes(content))


def test_damaged_member_is_broken(tmp_path: Path) -> None:
    rows = random.Random(1).randbytes(300_000).hex()
    content = bytearray(
        zipped({"a.csv": b"sku;title\n" + "\n".join(rows[n : n + 40] for n in range(0, 300_000, 40)).encode()})
    )
    content[len(content) // 2] ^= 0xFF

    with pytest.raises(BrokenFile):
        read(tmp_path, bytes(content))


def test_bomb_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge, match="times its size"):
        read(tmp_path, zipped({"a.csv": b"sku;title\n" + b"1;Lamp\n" * (8 << 20)}))


def test_expanded_size_is_limited(tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge, match="100 KiB"):
        read(tmp_path, zipped({"a.csv": CSV * 20_000}), ReadOptions(max_bytes=100 * 1024))
