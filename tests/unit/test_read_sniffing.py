"""Content decides what a file is; what is refused says what was found."""

import gzip
import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pim_pipelines.errors import BrokenFile, EmptyFile, FileTooLarge, UnsupportedFormat
from pim_pipelines.importing.readers import FileFormat, FileType, ReadOptions, normalise, sniff

CSV = b"sku;title\n1;Lamp\n2;Chair\n"


def put(folder: Path, content: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(content)
    return path


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def old_office(*streams: str) -> bytes:
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 0)
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return bytes(header) + entries.ljust(512, b"\0")


XLSX = zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
ODS = zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (CSV, FileFormat(FileType.CSV)),
        (b"{sku}\tname\n1\tx\n", FileFormat(FileType.CSV)),
        (b"[SKU],[Name]\n1,x\n", FileFormat(FileType.CSV)),
        (b"<b>Lamp</b>,1\n<b>Chair</b>,2\n", FileFormat(FileType.CSV)),
        ("ean;titre\n1;Été\n".encode("utf-16"), FileFormat(FileType.CSV)),
        ("ean;titre;prix\n1;x;2\n".encode("utf-16-le"), FileFormat(FileType.CSV)),
        (b"a\0b;c\n1;2\n3;4\n", FileFormat(FileType.CSV)),
        (b"\xff\xfe\xfd;1\n2;3\n", FileFormat(FileType.CSV)),
        (gzip.compress(CSV, mtime=0), FileFormat(FileType.CSV, "gzip")),
        (XLSX, FileFormat(FileType.XLSX)),
        (ODS, FileFormat(FileType.ODS)),
        (old_office("Workbook"), FileFormat(FileType.XLS)),
        (gzip.compress(XLSX, mtime=0), FileFormat(FileType.XLSX, "gzip")),
        (b'[{"sku": 1}]', FileFormat(FileType.JSON)),
        (b'\xef\xbb\xbf {\n "products": []}', FileFormat(FileType.JSON)),
        (b'{"sku": 1}\n{"sku": 2}\n', FileFormat(FileType.NDJSON)),
        ('[{"sku": 1}]'.encode("utf-16"), FileFormat(FileType.JSON)),
        (b'<?xml version="1.0"?><!-- x --><products><p/></products>', FileFormat(FileType.XML)),
        (b'<!DOCTYPE yml_catalog SYSTEM "shops.dtd"><yml_catalog/>', FileFormat(FileType.XML)),
        (b"<g:rss/>", FileFormat(FileType.XML)),
        (zipped({"list.csv": CSV}), FileFormat(FileType.CSV, "zip", "list.csv")),
        (
            zipped({"a/list.csv": CSV, "__MACOSX/a/._list.csv": b"x", "a/.DS_Store": b"y", "photo.jpg": b"z"}),
            FileFormat(FileType.CSV, "zip", "a/list.csv"),
        ),
    ],
)
@pytest.mark.parametrize("name", ["list.csv", "list.xls", "list"])
def test_content_decides_whatever_the_name(tmp_path: Path, content: bytes, found: FileFormat, name: str) -> None:
    assert sniff(put(tmp_path, content), name) == found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html>\n<html><body>Login</body></html>", "HTML page"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html/>', "HTML page"),
        (b"\n<table><tr><td>1</td></tr></table>", "HTML page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"\xff\xd8\xff\xe0....", "JPEG"),
        (b"MZ\x90\0....", "program"),
        (b"\x7fELF....", "program"),
        (b"Rar!\x1a\x07\0", "RAR"),
        (b"SQLite format 3\0", "SQLite"),
        (b"PAR1....", "Parquet"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00....", "Excel workbook of before 1993"),
        (old_office("WordDocument"), "Word"),
        (old_office("EncryptedPackage"), "password"),
        (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "Word"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.bin": b""}), "xlsb"),
        (zipped({"mimetype": b"application/epub+zip"}), "epub"),
        (zipped({"a.csv": CSV, "b.csv": CSV}), "2 files \\(a.csv, b.csv\\)"),
        (zipped({"inner.zip": zipped({"a.csv": CSV})}), "archive inside"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "Excel 2003"),
        (bytes(range(256)) * 40, "binary data"),
        (b"\0" * 4096, "zero bytes"),
        (gzip.compress(b"%PDF-1.4", mtime=0), "PDF"),
    ],
)
def test_other_files_are_refused_by_what_they_are(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFormat, match=words):
        sniff(put(tmp_path, content), "list.csv")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\t\n", zipped({}), zipped({"a.csv": b""})])
def test_files_with_nothing_in_them_are_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EmptyFile):
        sniff(put(tmp_path, content), "../../x.csv")


@pytest.mark.parametrize("content", [b"PK\x03\x04 torn", b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 99])
def test_damaged_archives_are_broken(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BrokenFile):
        sniff(put(tmp_path, content), "x.gz")


def test_sniffing_loads_no_frames() -> None:
    code = (
        "import sys; import pim_pipelines.importing.readers.sniff, pim_pipelines.importing.readers; "
        "print([name for name in ('numpy', 'pandas', 'polars', 'pyarrow', 'dagster') if name in sys.modules])"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_gzip_of_several_members_is_one_file(tmp_path: Path) -> None:
    source = put(tmp_path, gzip.compress(CSV) + gzip.compress(b"3;Table\n") + b"\0" * 512)

    table = normalise(source, "a.csv.gz", tmp_path / "rows.parquet", ReadOptions())

    assert table.total_rows == 3
    assert [path.name for path in tmp_path.iterdir() if "expanded" in path.name] == []


def test_truncated_gzip_is_broken(tmp_path: Path) -> None:
    content = gzip.compress(b"".join(b"%d;Lamp %d\n" % (n, n * 7919) for n in range(20_000)))
    with pytest.raises(BrokenFile, match="cut off"):
        normalise(put(tmp_path, content[:-2000]), "a.gz", tmp_path / "rows.parquet", ReadOptions())


def test_damaged_gzip_is_broken(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(b"".join(b"%d;Lamp %d\n" % (n, n * 7919) for n in range(20_000))))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(BrokenFile):
        normalise(put(tmp_path, bytes(content)), "a.gz", tmp_path / "rows.parquet", ReadOptions())


def test_gzip_bomb_is_stopped_long_before_it_has_expanded(tmp_path: Path) -> None:
    content = gzip.compress(b"sku;title\n" + b"1;Lamp\n" * 1_000) + gzip.compress(b"1;Lamp\n" * (8 << 20))
    with pytest.raises(FileTooLarge, match="times its size"):
        normalise(put(tmp_path, content), "a.gz", tmp_path / "rows.parquet", ReadOptions())


def test_expanded_size_is_limited_too(tmp_path: Path) -> None:
    content = gzip.compress(b"1;Lamp\n" * 100_000)
    with pytest.raises(FileTooLarge, match="expands to more than 100 KiB"):
        normalise(put(tmp_path, content), "a.gz", tmp_path / "rows.parquet", ReadOptions(max_bytes=100 * 1024))
