"""Japanese, Korean and Chinese files are told apart, and no other file is taken for one of them."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from test_read_encodings import CASES, product_list

from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.readers.encoding import detect_encoding

JAPANESE = (
    "折りたたみ椅子;ステンレス製スプーン;黄色いタオル;商品名称;数量と価格;髙島屋限定セット①;木製テーブル（大）;"
    "カメラ用バッグ;日本酒 720ml;抹茶アイスクリーム;電気ケトル;赤ちゃん用おむつ"
)
KOREAN = (
    "접이식 의자;스테인리스 숟가락;노란색 수건;상품 이름;수량과 가격;나무 탁자 (대);카메라 가방;소주 360ml;"
    "녹차 아이스크림;전기 주전자;아기 기저귀;김치 냉장고"
)
SIMPLIFIED = (
    "折叠椅子;不锈钢勺子;黄色毛巾;商品名称;数量和价格;木制桌子（大）;相机包;白酒 500毫升;绿茶冰淇淋;电热水壶;"
    "婴儿纸尿裤;无线蓝牙耳机"
)
TRADITIONAL = (
    "折疊椅子;不鏽鋼湯匙;黃色毛巾;商品名稱;數量與價格;木製桌子（大）;相機包;高粱酒 600毫升;綠茶冰淇淋;電熱水壺;"
    "嬰兒紙尿褲;無線藍牙耳機"
)
ASIAN = [
    (JAPANESE, "cp932"),
    (JAPANESE.replace("髙", "高").replace("①", ""), "euc_jp"),
    (KOREAN, "cp949"),
    (SIMPLIFIED, "gb18030"),
    (TRADITIONAL, "cp950"),
]


@pytest.mark.parametrize(("words", "encoding"), ASIAN, ids=[encoding for _, encoding in ASIAN])
@pytest.mark.parametrize("rows", [2, 12])
def test_east_asian_lists_are_told_and_read(tmp_path: Path, words: str, encoding: str, rows: int) -> None:
    names = words.split(";")[:rows]
    source = tmp_path / "source"
    source.write_bytes(product_list(";".join(names)).encode(encoding))

    table = normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    assert (table.encoding, table.delimiter, table.columns) == (encoding, ";", ["EAN", "Name", "Price"])
    found = pq.read_table(tmp_path / "rows.parquet", use_threads=False)
    assert found["c1"].to_pylist() == names
    assert found["problem"].null_count == len(names)


@pytest.mark.parametrize(("encoding", "found"), [("shift_jis", "cp932"), ("gbk", "gb18030"), ("gb2312", "gb18030"),
                                                 ("big5", "cp950"), ("euc_kr", "cp949")])  # fmt: skip
def test_narrower_names_are_read_by_the_widest_of_their_family(tmp_path: Path, encoding: str, found: str) -> None:
    words = next(words for words, wide in ASIAN if wide == found)
    (tmp_path / "source").write_bytes(product_list(words).encode(encoding, errors="ignore"))

    assert detect_encoding(tmp_path / "source") == found


@pytest.mark.parametrize("words", [words for words, _ in ASIAN], ids=[encoding for _, encoding in ASIAN])
def test_east_asian_unicode_stays_unicode(tmp_path: Path, words: str) -> None:
    (tmp_path / "source").write_bytes(product_list(words).encode())

    assert detect_encoding(tmp_path / "source") == "utf-8"


@pytest.mark.parametrize(("words", "encoding"), CASES)
@pytest.mark.parametrize("capitals", [False, True])
@pytest.mark.parametrize("start", [0, 3, 6])
def test_few_words_of_other_scripts_are_not_east_asian(
    tmp_path: Path, words: str, encoding: str, capitals: bool, start: int
) -> None:
    some = ";".join(words.split(";")[start : start + 3])
    text = product_list(some.upper() if capitals else some)
    (tmp_path / "source").write_bytes(text.encode(encoding, errors="ignore"))

    assert detect_encoding(tmp_path / "source").startswith(("cp12", "iso8859", "mac", "cp85", "cp866", "utf-8"))


def test_delimiter_bytes_within_characters_part_nothing(tmp_path: Path) -> None:
    rows = "".join(f"{n}|表示ソニーポ{n}|構造噂浬欺\r\n" for n in range(30))  # their second bytes are 0x5C and 0x7C
    source = tmp_path / "source"
    source.write_bytes(("番号|名称|説明\r\n" + rows).encode("cp932"))

    table = normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    assert (table.encoding, table.delimiter, table.columns) == ("cp932", "|", ["番号", "名称", "説明"])
    assert pq.read_table(tmp_path / "rows.parquet", use_threads=False)["c1"].to_pylist()[0] == "表示ソニーポ0"


def test_a_broken_byte_costs_its_row_only(tmp_path: Path) -> None:
    lines = product_list(";".join([SIMPLIFIED] * 40)).encode("gb18030").split(b"\r\n")
    lines[100] = lines[100].replace(b";", b";\xff", 1)
    source = tmp_path / "source"
    source.write_bytes(b"\r\n".join(lines))

    table = normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())

    problem = pq.read_table(tmp_path / "rows.parquet", use_threads=False)["problem"].to_pylist()
    assert table.encoding == "gb18030"
    assert [place for place, code in enumerate(problem) if code] == [99]
    assert problem[99] == "encoding"
