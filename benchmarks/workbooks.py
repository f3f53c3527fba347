"""How fast a workbook becomes a rows file, beside what a library alone takes to read it.

    python -m benchmarks.workbooks [--rows 200000]

Each reader runs in a process of its own, one after the other. Ours finds sheet and header, writes every cell as exact
text, looks for error cells and padded numbers, and leaves rows.parquet; the others only read the values.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.rows import frame, np

READERS = {
    "ours (to rows.parquet)": """
from pathlib import Path
from pim_pipelines.importing.readers import ReadOptions, normalise
import pandas  # the warm host has it loaded, and pyarrow asks for it
import pim_pipelines.importing.readers.workbook
started = clock()
rows = normalise(Path(source), "list.xlsx", Path(target), ReadOptions()).total_rows
""",
    "python-calamine, values only": """
import python_calamine
started = clock()
rows = sum(1 for _ in python_calamine.CalamineWorkbook.from_path(source).get_sheet_by_index(0).iter_rows()) - 1
""",
    "pandas.read_excel (calamine)": """
import pandas
started = clock()
rows = len(pandas.read_excel(source, dtype=str, engine="calamine"))
""",
    "openpyxl, read_only, values only": """
import openpyxl
started = clock()
rows = sum(1 for _ in openpyxl.load_workbook(source, read_only=True).active.iter_rows(values_only=True)) - 1
""",
}
REPORT = """
seconds = clock() - started
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(json.dumps({"seconds": seconds, "rows": rows, "peak": int(peak) / 1024}))
"""
NUMBERS = frozenset({"EAN", "Prix TTC", "Prix d'achat HT", "Stock", "Poids (kg)"})
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def write_workbook(path: Path, rows: int, *, padded: bool = False, seed: int = 0) -> None:
    """Write a workbook of 14 columns as Excel does, texts shared; `padded` gives EANs a format of zeros."""
    table = frame(np.arange(rows, dtype=np.int64), wide=True, seed=seed)
    shared: dict[str, int] = {}

    def cell(name: str, place: str, value: str) -> str:
        if name in NUMBERS:
            style = ' s="1"' if padded and name == "EAN" else ""
            return f'<c r="{place}"{style}><v>{value.replace(",", ".")}</v></c>'
        return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'

    letters = [chr(ord("A") + place) for place in range(table.width)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><dimension ref="A1:N{rows + 1}"/><sheetData><row r="1">'.encode())
            names = "".join(cell("", f"{letter}1", name) for letter, name in zip(letters, table.columns, strict=True))
            sheet.write(f"{names}</row>".encode())
            columns = list(zip(letters, table.columns, strict=True))
            for number, values in enumerate(table.iter_rows(), start=2):
                cells = "".join(
                    cell(name, f"{letter}{number}", value)
                    for (letter, name), value in zip(columns, values, strict=True)
                )
                sheet.write(f'<row r="{number}" spans="1:14">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            strings.write(f'<sst xmlns="{_MAIN}" count="{len(shared)}" uniqueCount="{len(shared)}">'.encode())
            for text in shared:
                strings.write(f"<si><t>{escape(text)}</t></si>".encode())
            strings.write(b"</sst>")
        for name, content in _PARTS.items():
            book.writestr(name, content)


_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    f'ContentType="{_TYPE}.sheet.main+xml"/><Override PartName="/xl/sharedStrings.xml" '
    f'ContentType="{_TYPE}.sharedStrings+xml"/><Override PartName="/xl/styles.xml" '
    f'ContentType="{_TYPE}.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Liste" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
    'formatCode="0000000000000"/></numFmts><fonts count="1"><font><sz val="11"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"/></cellXfs></styleSheet>',
}


def main() -> None:
    """Print a table for a plain workbook, and one whose EANs are numbers with a format of zeros."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="pim-workbooks-") as folder:
        source, target = Path(folder) / "list.xlsx", Path(folder) / "rows.parquet"
        for padded in (False, True):
            write_workbook(source, rows, padded=padded)
            size = source.stat().st_size / 1e6
            print(f"\n{rows:,} rows of 14 columns, XLSX of {size:.0f} MB{', EANs padded' if padded else ''}")
            print(f"{'':36}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
            ours = None
            for name, code in READERS.items():
                head = (
                    f"import json, time\nclock = time.perf_counter\nsource, target = {str(source)!r}, {str(target)!r}\n"
                )
                command = [sys.executable, "-c", head + code + REPORT]
                result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                ours = ours or result["seconds"]
                assert result["rows"] == rows, (name, result)
                print(f"{name:36}{result['seconds']:9.2f}{result['seconds'] / ours:8.2f}{result['peak']:10.0f}")


if __name__ == "__main__":
    main()
