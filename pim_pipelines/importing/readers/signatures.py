"""What other files begin with, so that a refusal can say what was found; and what is in Office containers."""

import struct
from collections.abc import Iterable
from pathlib import Path

# Offset, bytes, and the name for the user.
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"8BPS", "a Photoshop image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"\0\0\1\0", "an icon"),
    (4, b"ftyp", "a video or HEIC image"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (0, b"ID3", "an audio file"),
    (0, b"OggS", "an audio file"),
    (8, b"WAVE", "an audio file"),
    (0, b"\x7fELF", "a program (ELF)"),
    (0, b"MZ", "a program (Windows)"),
    (0, b"\xcf\xfa\xed\xfe", "a program (macOS)"),
    (0, b"\xca\xfe\xba\xbe", "a program (Java or macOS)"),
    (0, b"#!/", "a script"),
    (0, b"Rar!\x1a", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (0, b"\x1f\x9d", "a compress archive (.Z)"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3", "an SQLite database"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"ARROW1", "an Arrow file"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"-----BEGIN ", "a key or a certificate"),
    (0, b"\0\1\0\0Standard", "an Access database"),
    (0, b"wOFF", "a font"),
    (0, b"bplist", "an Apple property list"),
    (0, b"\x09\x00\x04\x00", "an Excel workbook of before 1993"),  # [MS-XLS] is of Excel 5 and later
    (0, b"\x09\x02\x06\x00", "an Excel workbook of before 1993"),
    (0, b"\x09\x04\x06\x00", "an Excel workbook of before 1993"),
)

_OLE_STREAMS: tuple[tuple[str, str | None, str], ...] = (
    ("Workbook", "xls", "an Excel workbook (xls)"),
    ("Book", "xls", "an Excel workbook (xls)"),
    ("EncryptedPackage", None, "a workbook with a password"),
    ("WordDocument", None, "a Word document"),
    ("PowerPoint Document", None, "a PowerPoint presentation"),
    ("__properties_version1.0", None, "an Outlook message"),
)


def zip_kind(names: Iterable[str], mimetype: bytes) -> tuple[str | None, str] | None:
    """Tell an Office document by its members: `(file type or None, what it is)`; None for an ordinary archive."""
    held = set(names)
    if b"opendocument.spreadsheet" in mimetype:
        return "ods", "an OpenDocument spreadsheet"
    if mimetype.startswith(b"application/"):
        return None, f"a document of type {mimetype[12:80].decode('ascii', 'replace').strip()}"
    if "[Content_Types].xml" in held:
        for path, kind, description in (
            ("xl/workbook.bin", None, "a binary Excel workbook (xlsb)"),
            ("xl/", "xlsx", "an Excel workbook"),
            ("word/", None, "a Word document"),
            ("ppt/", None, "a PowerPoint presentation"),
        ):
            if any(name.startswith(path) for name in held):
                return kind, description
    if "AndroidManifest.xml" in held or "META-INF/MANIFEST.MF" in held:
        return None, "a program (Java or Android)"
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in held):
        return None, "an Apple Numbers, Pages or Keynote document"
    return None


def ole_kind(path: Path) -> tuple[str | None, str]:
    """Tell an old Office document by the first sectors of its directory ([MS-CFB] 2.6)."""
    with path.open("rb") as file:
        header = file.read(512)
        if len(header) < 512:
            return None, "a damaged old Office document"
        (shift,) = struct.unpack_from("<H", header, 30)
        (sector,) = struct.unpack_from("<I", header, 48)
        if shift not in (9, 12):
            return None, "a damaged old Office document"
        file.seek((sector + 1) << shift)
        directory = file.read(16 << shift)
    for stream, kind, description in _OLE_STREAMS:
        if stream.encode("utf-16-le") + b"\0\0" in directory:
            return kind, description
    return None, "an old Office document of an unknown kind"
