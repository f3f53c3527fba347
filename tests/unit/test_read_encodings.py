"""Encodings are told by all of a file."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.readers.encoding import detect_encoding

FRENCH = "Chaise pliante très légère; Étagère à épices; Théière en grès; Fenêtre; Référence; Quantité; Poêle à frire"
GERMAN = "Tür für Möbel; Größe; Schlüsselanhänger; Bürste groß; Kühlschrank; Straßenbesen; Übertopf; Nähmaschine"
SPANISH = "Lámpara de pie; Sillón reclinable; Niño; Baño; Tamaño pequeño; Descripción; Jabón líquido; Azúcar"
NORDIC = "Kök; Trädgård; Stövlar för små barn; Rød; Størrelse; Børn; Lænestol; Håndklæde; Blå; Høj"
POLISH = "Łyżka stołowa; Półka ścienna; Krzesło składane; Żółta; Ręcznik kąpielowy; Długość; Źródło; Świeca"
CZECH = "Skládací židle; Příbor; Žlutá; Stůl; Název; Množství; Šířka; Dřevěný; Lžíce; Větrák; Česnek; Rýže"
HUNGARIAN = "Összecsukható szék; Kanál; Szélesség; Fűszer; Bőrönd; Gyűrű; Megnevezés; Cipő; Őszi; Hűtő; Zöld"
ROMANIAN = "Lingură; Lăţime; Denumire produs; Cană; Pernă; Mărime; Şampon; Ţesătură; Încălţăminte; Roşu; Pătură"
CROATIAN = "Žlica; Žuta; Širina; Šećer; Čaša; Noćna svjetiljka; Đumbir; Količina; Ručnik; Kuća; Ljubičasta"
RUSSIAN = "Стул складной; Ложка столовая; Жёлтый; Наименование; Количество; Чашка; Щётка; Подъёмник"
UKRAINIAN = "Стілець складний; Ложка; Жовтий; Назва; Кількість; Ціна; Їжа; Сік; Папір; Яблуко"
BULGARIAN = "Сгъваем стол; Лъжица; Жълт; Наименование; Количество; Цена; Щипка; Възглавница"
GREEK = "Καρέκλα πτυσσόμενη; Κουτάλι; Κίτρινο; Ονομασία; Ποσότητα; Τιμή; Ύψος; Κωδικός; Ελιές"
TURKISH = "Katlanır sandalye; Kaşık; Sarı; Ürün adı; Açıklama; Yükseklik; Çay bardağı; Şişe; Yeşil; Gömlek"
HEBREW = "כיסא מתקפל; כף מרק; מגבת צהובה; שם המוצר; כמות ומחיר; שולחן עץ; תיק למצלמה; קומקום חשמלי"
ARABIC = "كرسي قابل للطي; ملعقة طعام; منشفة صفراء; اسم المنتج; الكمية والسعر; طاولة خشبية; حقيبة كاميرا"
LITHUANIAN = "Sulankstoma kėdė; Šaukštas; Geltonas rankšluostis; Pavadinimas; Kiekis; Žalias puodelis; Ąžuolinė lentyna"
SYMBOLS = "Screw M4 – 20 mm; 90° bend; Brand® cover; 20 °C; Brand™; 5 m²; 10 € set; ½ inch; “new”; it’s"

CASES = [
    (FRENCH, "cp1252"),
    (GERMAN, "cp1252"),
    (SPANISH, "cp1252"),
    (NORDIC, "cp1252"),
    (SYMBOLS, "cp1252"),
    (POLISH, "cp1250"),
    (CZECH, "cp1250"),
    (HUNGARIAN, "cp1250"),
    (ROMANIAN, "cp1250"),
    (CROATIAN, "cp1250"),
    (RUSSIAN, "cp1251"),
    (UKRAINIAN, "cp1251"),
    (BULGARIAN, "cp1251"),
    (GREEK, "cp1253"),
    (TURKISH, "cp1254"),
    (HEBREW, "cp1255"),
    (ARABIC, "cp1256"),
    (LITHUANIAN, "cp1257"),
]


def product_list(words: str) -> str:
    rows = [f"87125816{number:05d};{word.strip()};{number},50" for number, word in enumerate(words.split(";"))]
    return "EAN;Name;Price\r\n" + "\r\n".join(rows) + "\r\n"


@pytest.mark.parametrize("capitals", [False, True])
@pytest.mark.parametrize(("words", "encoding"), CASES)
def test_letters_tell_the_code_page(tmp_path: Path, words: str, encoding: str, capitals: bool) -> None:
    text = product_list(words.upper() if capitals and words is not SYMBOLS else words)
    (tmp_path / "source").write_bytes(text.encode(encoding, errors="ignore"))

    assert detect_encoding(tmp_path / "source") == encoding


@pytest.mark.parametrize(("encoding", "found"), [("utf-16", "utf-16"), ("utf-8-sig", "utf-8-sig"), ("utf-8", "utf-8")])
@pytest.mark.parametrize("words", [words for words, _ in CASES])
def test_unicode_is_never_taken_for_a_code_page(tmp_path: Path, words: str, encoding: str, found: str) -> None:
    (tmp_path / "source").write_bytes(product_list(words).encode(encoding))

    assert detect_encoding(tmp_path / "source") == found


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("words", [GERMAN, RUSSIAN, GREEK])
def test_utf16_without_a_mark_is_told_by_its_zero_bytes(tmp_path: Path, words: str, encoding: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(product_list(words).encode(encoding))

    table = normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    assert (table.encoding, table.columns) == (encoding, ["EAN", "Name", "Price"])


def test_a_file_whose_first_foreign_letter_is_its_last_is_read_right(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"sku;name\n" + b"1;Lamp\n" * 1_500_000 + "2;Geländer für Stühle größer\n".encode("cp1252"))

    table = normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    last = pq.read_table(tmp_path / "rows.parquet", columns=["c1"], use_threads=False)["c1"][-1].as_py()
    assert (table.encoding, last) == ("cp1252", "Geländer für Stühle größer")


@pytest.mark.parametrize("shift", range(4))
def test_a_letter_between_two_blocks_is_not_taken_for_broken(tmp_path: Path, shift: int) -> None:
    (tmp_path / "source").write_bytes(b"x" * ((1 << 20) - shift) + "椅;1".encode())

    assert detect_encoding(tmp_path / "source") == "utf-8"


def test_a_few_broken_bytes_leave_a_file_utf8(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes("sku;name\n1;Küche\n2;Tür\n".encode() + b"3;T\xfcr\n" + "4;Möbel\n".encode())

    table = normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    rows = pq.read_table(tmp_path / "rows.parquet", use_threads=False).to_pydict()
    assert table.encoding == "utf-8"
    assert rows["problem"] == [None, None, "encoding", None]
    assert rows["c1"] == ["Küche", "Tür", "T\ufffdr", "Möbel"]
    assert rows["problem_text"][2] == "T\ufffdr"


@pytest.mark.parametrize("intact", ["Küche", "Küche\n4;Tür"])
def test_as_many_broken_bytes_as_letters_leave_a_file_utf8(tmp_path: Path, intact: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(f"sku;name\n1;{intact}\n".encode() + b"2;T\xfcr\n" * intact.count("ü"))

    assert normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions()).encoding == "utf-8"


def test_bytes_that_a_code_page_lacks_cost_their_row(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes("sku;name\n1;Küche\n2;Tür groß\n3;Möbel\n".encode("cp1252") + b"4;a\x81b\n")

    normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    problems = pq.read_table(tmp_path / "rows.parquet", use_threads=False)["problem"].to_pylist()
    assert problems == [None, None, None, "encoding"]


def test_half_a_utf16_pair_costs_its_row(tmp_path: Path) -> None:
    source = tmp_path / "source"
    text = "sku;name\n1;Küche\n2;".encode("utf-16-le") + b"\x00\xd8" + "x\n3;Tür\n".encode("utf-16-le")
    source.write_bytes(b"\xff\xfe" + text)

    normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    rows = pq.read_table(tmp_path / "rows.parquet", use_threads=False).to_pydict()
    assert rows["problem"] == [None, "encoding", None]
    assert rows["c1"][2] == "Tür"
