"""Columns are recognised by their headers, in many languages, always weighed with the values below."""

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from pim_pipelines.importing.fields import is_field
from pim_pipelines.importing.mapping.detection import PLAIN_FIELDS, SURE, Suggestion, is_beyond_doubt, suggest
from pim_pipelines.importing.profile import profile_frame
from pim_pipelines.importing.rules.gtin import check_digit


def gtins(count: int = 12, start: int = 308612300000) -> list[str]:
    bodies = [str(start + 7 * number) for number in range(count)]
    return [body + str(check_digit(body)) for body in bodies]


ROWS = 12
VALUES: dict[str, list[str]] = {
    "ean": gtins(ROWS),
    "code": [f"AB-{number:04d}" for number in range(ROWS)],
    "number": [str(70210 + 13 * number) for number in range(ROWS)],
    "title": [f"Lamp with arm model {number}" for number in range(ROWS)],
    "text": [f"<p>A lamp of steel, {number} W, for walls and desks in every room.</p>" for number in range(ROWS)],
    "brand": ["Osram", "Philips", "Ikea"] * 4,
    "path": ["Home > Lamps > Desk", "Home > Lamps > Wall"] * 6,
    "price": [f"{number + 5},90" for number in range(ROWS)],
    "count": ["0", "5", "12", "40"] * 3,
    "rate": ["20,00", "5,50"] * 6,
    "currency": ["EUR"] * ROWS,
    "weight": [f"0,{number + 100}" for number in range(ROWS)],
    "unit": ["pcs", "kg"] * 6,
    "image": [f"https://img.example.com/{number}.jpg" for number in range(ROWS)],
    "images": [f"https://img.example.com/{n}.jpg, https://img.example.com/{n}b.jpg" for n in range(ROWS)],
    "page": [f"https://shop.example.com/p/{number}" for number in range(ROWS)],
    "color": ["red", "blue", "black"] * 4,
    "flag": ["true", "false"] * 6,
    "status": ["True"] * ROWS,
    "country": ["France", "Italy"] * 6,
    "contents": ["2.00 L", "0.33 L", "250 g"] * 4,
    "date": ["2026-03-15", "2026-04-01"] * 6,
    "stock_words": ["in stock", "out of stock"] * 6,
}


def detect(columns: Mapping[str, Sequence[str | None]], *, has_header: bool = True) -> dict[str, Suggestion]:
    frame = pd.DataFrame({name: pd.Series(list(values), dtype="str") for name, values in columns.items()})
    return suggest(profile_frame(frame, has_header=has_header))


def fields(columns: Mapping[str, Sequence[str | None]], *, has_header: bool = True) -> dict[str, str | None]:
    return {name: found.field for name, found in detect(columns, has_header=has_header).items()}


# A supplier's list in each language: title, EAN, code, price, purchase price, stock, brand, category, image, weight.
LISTS = {
    "English": "Product Name|Barcode|Item No.|Retail Price|Wholesale Price|Qty|Brand|Category|Image URL|Weight (kg)",
    "French": "Désignation|Code barre|Réf.|Prix TTC|Prix d'achat HT|Qté en stock|Marque|Famille|Photo|Poids (g)",
    "German": "Artikelbezeichnung|EAN-Code|Art.-Nr.|UVP|EK netto|Lagerbestand|Marke|Warengruppe|Bild-URL|Gewicht",
    "Spanish": "Nombre del producto|Código de barras|Referencia|PVP|Precio de coste|"
    "Existencias|Marca|Familia|Imagen|Peso",
    "Italian": "Denominazione|Codice a barre|Cod. articolo|Prezzo di listino|Costo|"
    "Giacenza|Marca|Categoria|Immagine|Peso",
    "Portuguese": "Nome do produto|Código de barras|Referência|Preço de venda|Custo|"
    "Estoque|Marca|Categoria|Imagem|Peso",
    "Dutch": "Omschrijving|EAN-code|Artikelnummer|Verkoopprijs|Inkoopprijs|"
    "Voorraad|Merk|Productgroep|Afbeelding|Gewicht",
    "Polish": "Nazwa produktu|Kod kreskowy|Indeks|Cena brutto|Cena zakupu|Stan magazynowy|Marka|Kategoria|Zdjęcie|Waga",
    "Czech": "Název zboží|Čárový kód|Kód zboží|Cena s DPH|Nákupní cena|Skladem|Značka|Kategorie|Obrázek|Hmotnost",
    "Slovak": "Názov tovaru|Čiarový kód|Kód tovaru|Cena s DPH|Nákupná cena|Na sklade|Značka|Kategória|Obrázok|Hmotnosť",
    "Romanian": "Denumire produs|Cod de bare|Cod produs|Preț de vânzare|Preț achiziție|"
    "Stoc|Marcă|Categorie|Imagine|Greutate",
    "Greek": "Περιγραφή είδους|Barcode|Κωδικός είδους|Λιανική τιμή|Χονδρική τιμή|Απόθεμα|Μάρκα|Κατηγορία|Εικόνα|Βάρος",
    "Ukrainian": "Назва товару|Штрихкод|Артикул|Роздрібна ціна|Закупівельна ціна|"
    "Залишок|Бренд|Категорія|Зображення|Вага",
    "Russian": "Наименование товара|Штрихкод|Артикул|Розничная цена|Закупочная цена|"
    "Остаток|Бренд|Категория|Картинка|Вес, кг",
    "Croatian": "Naziv proizvoda|Barkod|Šifra|Maloprodajna cijena|Nabavna cijena|"
    "Zaliha|Robna marka|Kategorija|Slika|Težina",
    "Serbian": "Назив производа|Баркод|Шифра|Малопродајна цена|Набавна цена|Залиха|Робна марка|Категорија|Слика|Тежина",
    "Slovenian": "Naziv izdelka|EAN koda|Šifra izdelka|Cena z DDV|Nabavna cena|"
    "Zaloga|Blagovna znamka|Kategorija|Slika|Teža",
    "Bulgarian": "Наименование|Баркод|Код на продукта|Продажна цена|Доставна цена|"
    "Наличност|Марка|Категория|Снимка|Тегло",
    "Hungarian": "Megnevezés|Vonalkód|Cikkszám|Bruttó ár|Beszerzési ár|Készlet|Márka|Kategória|Kép|Súly",
    "Swedish": "Benämning|Streckkod|Artikelnr|Försäljningspris|Inköpspris|Lagersaldo|Varumärke|Varugrupp|Bild|Vikt",
    "Danish": "Varenavn|Stregkode|Varenr.|Udsalgspris|Indkøbspris|Lagerbeholdning|Mærke|Varegruppe|Billede|Vægt",
    "Norwegian": "Produktnavn|Strekkode|Varenummer|Utsalgspris|Innkjøpspris|"
    "Lagerbeholdning|Merke|Varegruppe|Bilde|Vekt",
    "Finnish": "Tuotenimi|Viivakoodi|Tuotekoodi|Myyntihinta|Ostohinta|Varastosaldo|Tuotemerkki|Tuoteryhmä|Kuva|Paino",
    "Estonian": "Toote nimetus|Ribakood|Tootekood|Jaehind|Ostuhind|Laoseis|Kaubamärk|Tootegrupp|Pilt|Kaal",
    "Lithuanian": "Prekės pavadinimas|Barkodas|Prekės kodas|Kaina|Pirkimo kaina|"
    "Likutis|Prekės ženklas|Kategorija|Nuotrauka|Svoris",
    "Turkish": "Ürün Adı|Barkod|Stok Kodu|Satış Fiyatı|Alış Fiyatı|Stok Adedi|Marka|Kategori|Resim|Ağırlık",
    "Hebrew": 'שם פריט|ברקוד|מק"ט|מחיר לצרכן|מחיר קניה|מלאי|מותג|קטגוריה|תמונה|משקל',
    "Arabic": "اسم المنتج|الباركود|رقم الصنف|سعر البيع|سعر الشراء|المخزون|الماركة|الفئة|الصورة|الوزن",
    "Indonesian": "Nama Barang|Barcode|Kode Barang|Harga Jual|Harga Beli|Stok|Merek|Kategori|Foto|Berat",
    "Vietnamese": "Tên sản phẩm|Mã vạch|Mã hàng|Giá bán|Giá nhập|Tồn kho|Thương hiệu|Danh mục|Hình ảnh|Khối lượng",
    "Chinese": "商品名称|条形码|商品编码|零售价|进价|库存|品牌|分类|图片链接|重量",
    "Japanese": "商品名|JANコード|商品コード|販売価格|仕入価格|在庫数|ブランド|カテゴリ|画像URL|重量",
    "Korean": "상품명|바코드|상품코드|판매가|공급가|재고수량|브랜드|카테고리|이미지URL|중량",
}
LIST_FIELDS = ["title", "ean", "sku", "price", "cost_price", "stock", "brand_name", "category", "image_url", "weight"]
LIST_VALUES = ["title", "ean", "code", "price", "price", "count", "brand", "path", "image", "weight"]


@pytest.mark.parametrize("language", LISTS)
def test_a_list_in_any_language_is_recognised_whole(language: str) -> None:
    headers = LISTS[language].split("|")

    found = detect({header: VALUES[kind] for header, kind in zip(headers, LIST_VALUES, strict=True)})

    assert [found[header].field for header in headers] == LIST_FIELDS


# What shops and exchange formats call their columns: header, values, field.
SHOPS: dict[str, list[tuple[str, str, str | None]]] = {
    "Shopify": [
        ("Handle", "code", None),
        ("Title", "title", "title"),
        ("Body (HTML)", "text", "description"),
        ("Vendor", "brand", "brand_name"),
        ("Type", "path", "category"),
        ("Published", "flag", "is_active"),
        ("Variant SKU", "number", "sku"),
        ("Variant Grams", "count", "weight"),
        ("Variant Inventory Qty", "count", "stock"),
        ("Variant Price", "price", "price"),
        ("Variant Compare At Price", "price", None),
        ("Variant Requires Shipping", "flag", None),
        ("Variant Barcode", "ean", "ean"),
        ("Image Src", "image", "image_url"),
        ("Image Position", "count", None),
        ("Image Alt Text", "title", None),
        ("SEO Title", "title", None),
        ("Cost per item", "price", "cost_price"),
    ],
    "WooCommerce": [
        ("ID", "number", None),
        ("SKU", "code", "sku"),
        ("GTIN, UPC, EAN, or ISBN", "ean", "ean"),
        ("Name", "title", "title"),
        ("Published", "flag", "is_active"),
        ("Short description", "title", "short_description"),
        ("Description", "text", "description"),
        ("Date sale price starts", "date", None),
        ("In stock?", "flag", None),
        ("Stock", "count", "stock"),
        ("Low stock amount", "count", None),
        ("Weight (kg)", "weight", "weight"),
        ("Length (cm)", "count", "length"),
        ("Sale price", "price", "sale_price"),
        ("Regular price", "price", "price"),
        ("Categories", "path", "category"),
        ("Tags", "color", None),
        ("Images", "images", "image_urls"),
        ("Parent", "code", None),
    ],
    "PrestaShop": [
        ("Product ID", "number", None),
        ("Active (0/1)", "flag", "is_active"),
        ("Name *", "title", "title"),
        ("Price tax included", "price", "price"),
        ("Wholesale price", "price", "cost_price"),
        ("Reference #", "code", "sku"),
        ("Supplier reference #", "code", "supplier_sku"),
        ("Manufacturer", "brand", "brand_name"),
        ("EAN13", "ean", "ean"),
        ("Ecotax", "price", None),
        ("Quantity", "count", "stock"),
        ("Minimal quantity", "count", None),
        ("Impact on weight", "weight", None),
    ],
    "Magento": [
        ("sku", "code", "sku"),
        ("store_view_code", "color", None),
        ("name", "title", "title"),
        ("product_online", "flag", "is_active"),
        ("tax_class_name", "color", None),
        ("price", "price", "price"),
        ("special_price", "price", "sale_price"),
        ("special_price_from_date", "date", None),
        ("url_key", "title", None),
        ("meta_title", "title", None),
        ("base_image", "image", "image_url"),
        ("base_image_label", "title", None),
        ("additional_images", "images", "image_urls"),
        ("qty", "count", "stock"),
        ("out_of_stock_qty", "count", None),
        ("is_in_stock", "flag", None),
        ("country_of_manufacture", "country", "country_of_origin"),
    ],
    "Google Merchant": [
        ("g:id", "code", "sku"),
        ("title", "title", "title"),
        ("description", "text", "description"),
        ("link", "page", "url"),
        ("g:image_link", "image", "image_url"),
        ("g:additional_image_link", "image", "image_urls"),
        ("g:availability", "stock_words", "availability"),
        ("g:price", "price", "price"),
        ("g:sale_price", "price", "sale_price"),
        ("g:gtin", "ean", "ean"),
        ("g:mpn", "number", "mpn"),
        ("g:brand", "brand", "brand_name"),
        ("g:product_type", "path", "category"),
        ("g:color", "color", "color"),
        ("g:shipping/g:price", "price", None),
        ("g:item_group_id", "number", None),
    ],
    "Heureka": [
        ("ITEM_ID", "number", "sku"),
        ("PRODUCTNAME", "title", "title"),
        ("DESCRIPTION", "text", "description"),
        ("URL", "page", "url"),
        ("IMGURL", "image", "image_url"),
        ("PRICE_VAT", "price", "price"),
        ("VAT", "rate", "tax_rate"),
        ("MANUFACTURER", "brand", "brand_name"),
        ("CATEGORYTEXT", "path", "category"),
        ("EAN", "ean", "ean"),
        ("DELIVERY_DATE", "count", None),
        ("DELIVERY/DELIVERY_PRICE", "price", None),
        ("ITEMGROUP_ID", "number", None),
    ],
    "BMEcat": [
        ("SUPPLIER_PID", "code", "sku"),
        ("PRODUCT_DETAILS/DESCRIPTION_SHORT", "title", "title"),
        ("PRODUCT_DETAILS/DESCRIPTION_LONG", "text", "description"),
        ("PRODUCT_DETAILS/EAN", "ean", "ean"),
        ("PRODUCT_DETAILS/MANUFACTURER_PID", "number", "mpn"),
        ("PRODUCT_DETAILS/MANUFACTURER_NAME", "brand", "brand_name"),
        ("PRODUCT_ORDER_DETAILS/ORDER_UNIT", "unit", "attributes.unit"),
        ("PRODUCT_PRICE_DETAILS/PRODUCT_PRICE/PRICE_AMOUNT", "price", "price"),
        ("PRODUCT_PRICE_DETAILS/PRODUCT_PRICE/PRICE_CURRENCY", "currency", "currency"),
        ("PRODUCT_PRICE_DETAILS/PRODUCT_PRICE/@price_type", "color", None),
        ("PRODUCT_PRICE_DETAILS/PRODUCT_PRICE/LOWER_BOUND", "count", None),
        ("PRODUCT_FEATURES/FEATURE/FNAME", "color", None),
        ("PRODUCT_REFERENCE/PROD_ID_TO", "code", None),
    ],
    "Shopware": [
        ("productNumber", "code", "sku"),
        ("translations.DEFAULT.name", "title", "title"),
        ("translations.DEFAULT.description", "text", "description"),
        ("price.DEFAULT.gross", "price", "price"),
        ("tax.name", "color", None),
        ("cover.media.url", "image", "image_url"),
        ("manufacturer.translations.DEFAULT.name", "brand", "brand_name"),
        ("ean", "ean", "ean"),
    ],
    "CommerceML": [
        ("Ид", "page", None),
        ("Артикул", "code", "sku"),
        ("Наименование", "title", "title"),
        ("БазоваяЕдиница", "unit", "attributes.unit"),
        ("Изготовитель/Наименование", "brand", "brand_name"),
        ("Картинка", "image", "image_url"),
        ("Штрихкод", "ean", "ean"),
        ("Цены/Цена/ЦенаЗаЕдиницу", "price", "price"),
        ("Количество", "count", "stock"),
    ],
    "IOF": [
        ("@id", "number", "sku"),
        ("producer/@name", "brand", "brand_name"),
        ("category/@name", "path", "category"),
        ("unit/@name", "unit", "attributes.unit"),
        ("card/@url", "page", "url"),
        ("description/name", "title", "title"),
        ("description/long_desc", "text", "description"),
        ("price/@gross", "price", "price"),
        ("sizes/size/stock/@quantity", "count", "stock"),
        ("images/large/image/@url", "image", "image_url"),
        ("@vat", "rate", "tax_rate"),
    ],
    "YML": [
        ("@id", "number", None),
        ("url", "page", "url"),
        ("price", "price", "price"),
        ("oldprice", "price", None),
        ("currencyId", "currency", "currency"),
        ("categoryId", "number", None),
        ("picture", "image", "image_url"),
        ("vendor", "brand", "brand_name"),
        ("vendorCode", "code", "sku"),
        ("name", "title", "title"),
        ("barcode", "ean", "ean"),
        ("param/@name", "color", None),
    ],
    "prom.ua": [
        ("Код_товара", "code", "sku"),
        ("Название_позиции", "title", "title"),
        ("Поисковые_запросы", "title", None),
        ("Цена", "price", "price"),
        ("Оптовая_цена", "price", "cost_price"),
        ("Минимальный_объем_заказа", "count", None),
        ("Название_группы", "path", "category"),
        ("Номер_группы", "number", None),
        ("Код_маркировки_(GTIN)", "ean", "ean"),
        ("Вес,кг", "weight", "weight"),
    ],
    "xt:Commerce": [
        ("p_model", "code", "mpn"),
        ("p_stock", "count", "stock"),
        ("p_manufacturer", "brand", "brand_name"),
        ("p_priceNoTax", "price", "price"),
        ("p_weight", "weight", "weight"),
        ("p_ean", "ean", "ean"),
        ("p_image", "image", "image_url"),
        ("p_name.de", "title", "title"),
        ("p_desc.de", "text", "description"),
        ("p_meta_title.de", "title", None),
    ],
    "Amazon": [
        ("item_sku", "code", "sku"),
        ("item_name", "title", "title"),
        ("external_product_id", "ean", "ean"),
        ("brand_name", "brand", "brand_name"),
        ("part_number", "number", "mpn"),
        ("standard_price", "price", "price"),
        ("quantity", "count", "stock"),
        ("main_image_url", "image", "image_url"),
        ("other_image_url1", "image", "image_urls"),
        ("parent_sku", "code", None),
        ("item_weight_unit_of_measure", "color", None),
        ("sale_from_date", "date", None),
    ],
    "Akeneo": [
        ("identifier", "code", "sku"),
        ("values.ean.data", "ean", "ean"),
        ("values.name.data", "title", "title"),
        ("values.description.data", "text", "description"),
        ("values.price.data.amount", "price", "price"),
        ("values.brand.data", "brand", "brand_name"),
    ],
    "VTEX": [
        ("productName", "title", "title"),
        ("productReference", "code", "sku"),
        ("items.ean", "ean", "ean"),
        ("items.images.imageUrl", "image", "image_url"),
        ("items.sellers.commertialOffer.Price", "price", "price"),
        ("items.sellers.commertialOffer.ListPrice", "price", None),
        ("items.sellers.commertialOffer.AvailableQuantity", "count", "stock"),
    ],
    "a crawler's JSON": [
        ("id", "number", "sku"),
        ("brand.name", "brand", "brand_name"),
        ("name", "title", "title"),
        ("offers.price", "price", "price"),
        ("offers.priceCurrency", "currency", "currency"),
        ("gtin13", "ean", "ean"),
        ("aggregateRating.ratingValue", "price", None),
        ("reviewCount", "count", None),
        ("imageUrl", "image", "image_url"),
        ("productUrl", "page", "url"),
    ],
}


@pytest.mark.parametrize("shop", SHOPS)
def test_what_shops_and_formats_call_their_columns_is_known(shop: str) -> None:
    expected = {header: field for header, _, field in SHOPS[shop]}

    assert fields({header: VALUES[kind] for header, kind, _ in SHOPS[shop]}) == expected


@pytest.mark.parametrize(
    ("header", "kind", "field"),
    [
        ("PRIX_UNITAIRE", "price", "price"),
        ("prix  unitaire HT (€)", "price", "price"),
        ("PreisBrutto", "price", "price"),
        ("Verkaufspreis inkl. MwSt.", "price", "price"),
        ("price_eur", "price", "price"),
        ("Precio1", "price", "price"),
        ("RRP incl. VAT [GBP]", "price", "price"),
        ("Händler-EK", "price", "cost_price"),
        ("Prezzo d'acquisto", "price", "cost_price"),
        ("Aktionspreis", "price", "price"),  # nothing else is a price
        ("Artikelnr", "code", "sku"),
        ("Item #", "code", "sku"),
        ("Art. №", "code", "sku"),
        ("Herstellerartikelnummer", "code", "mpn"),
        ("productDescriptionLong", "text", "description"),
        ("Bezeichnung", "title", "title"),
        ("name_de", "title", "title"),
        ("Product title (EN)", "title", "title"),
        ("Описание товара", "text", "description"),
        ("stockLevel", "count", "stock"),
        ("Lagermenge", "count", "stock"),
        ("Наличие", "count", "stock"),
        ("MwSt-Satz in %", "rate", "tax_rate"),
        ("Herstellungsland", "country", "country_of_origin"),
        ("Couleur principale", "color", "color"),
        ("Bildlink 1", "image", "image_url"),
        ("Quantitiy available", "count", "stock"),  # sic
        ("Beschreibng", "text", "description"),  # sic
    ],
)
def test_headers_are_read_through_case_accents_compounds_and_typing_errors(header: str, kind: str, field: str) -> None:
    columns = {header: VALUES[kind]}
    if field == "mpn":
        columns["SKU"] = VALUES["number"]

    assert fields(columns)[header] == field


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("quantity", "contents"),
        ("stock", "status"),
        ("stock", "stock_words"),
        ("stock", "date"),
        ("VAT", "price_high"),
        ("VAT", "color"),
        ("price", "title"),
        ("price", "status"),
        ("price", "ean_constant"),
        ("price", "date"),
        ("status", "count"),
        ("title", "image"),
        ("title", "price"),
        ("name", "flag"),
        ("brand", "price"),
        ("category", "flag"),
        ("url", "title"),
        ("image", "color"),
        ("currency", "title"),
        ("weight", "text"),
        ("weight_unit", "weight"),
        ("sku", "flag"),
        ("ean", "title"),
        ("is_active", "color"),
        ("delivery price", "price"),
        ("shipping weight unit price", "price"),
        ("old price", "price"),
        ("price per kilo", "price"),
        ("minimum order quantity", "count"),
        ("supplier name", "brand"),
        ("image alt text", "title"),
        ("meta description", "text"),
        ("updated_at", "date"),
        ("serving size", "contents"),
        ("datasheet url", "page"),
        ("Lieferzeit", "count"),
        ("Date de création", "date"),
        ("Délai de livraison", "count"),
    ],
)
def test_nothing_is_proposed_where_the_values_do_not_fit_or_other_words_stand_beside(header: str, kind: str) -> None:
    values = VALUES | {"price_high": [f"{n}9,90" for n in range(30, 42)], "ean_constant": ["3086123456785"] * ROWS}

    found = detect({header: values[kind]})[header]

    assert found.field is None or found.field not in PLAIN_FIELDS or found.confidence < 0.6, found


@pytest.mark.parametrize("header", ["sku", "id", "Kode", "xyz", "Code article", "column_3", "Номер"])
def test_a_column_of_valid_gtins_is_the_ean_whatever_its_name(header: str) -> None:
    found = detect({header: VALUES["ean"], "name": VALUES["title"]})

    assert found[header].field == "ean"
    assert "check digit" in found[header].reason or "ean" in found[header].reason


def test_gtins_in_quotes_are_gtins() -> None:
    assert fields({"id": [f"'{code}'" for code in VALUES["ean"]], "name": VALUES["title"]})["id"] == "ean"


def test_a_suppliers_own_number_in_every_row_is_no_ean() -> None:
    found = fields({"GLN": ["3086123456785"] * ROWS, "EAN": VALUES["ean"], "Name": VALUES["title"]})

    assert found == {"GLN": None, "EAN": "ean", "Name": "title"}


def test_the_ean_of_the_piece_comes_before_that_of_the_carton() -> None:
    found = fields({"EAN carton": gtins(ROWS, 508612300000), "EAN": VALUES["ean"], "Name": VALUES["title"]})

    assert found == {"EAN carton": None, "EAN": "ean", "Name": "title"}


def test_ean_and_sku_are_told_apart_by_their_values_when_names_are_swapped() -> None:
    found = fields({"SKU": VALUES["ean"], "Barcode": VALUES["code"], "Name": VALUES["title"]})

    assert found["SKU"] == "ean"


def test_made_up_codes_of_a_gtins_length_are_the_ean_by_their_header() -> None:
    codes = [f"30861234567{number:02d}" for number in range(ROWS)]

    found = detect({"EAN13": codes, "Reference": VALUES["code"], "Name": VALUES["title"]})

    assert found["EAN13"].field == "ean"
    assert found["EAN13"].confidence < SURE


def test_a_file_without_header_is_mapped_by_content() -> None:
    columns: dict[str, Sequence[str | None]] = {
        "column_1": VALUES["title"],
        "column_2": VALUES["ean"],
        "column_3": ["৳ 1,599", "৳ 99,999"] * 6,
        "column_4": VALUES["image"],
        "column_5": [None] * ROWS,
        "column_6": [str(number) for number in range(ROWS)],
    }

    found = fields(columns, has_header=False)

    assert list(found.values()) == ["title", "ean", "price", "image_url", None, None]


def test_the_shorter_of_two_texts_without_header_is_the_title() -> None:
    found = fields({"column_1": VALUES["text"], "column_2": VALUES["title"]}, has_header=False)

    assert found == {"column_1": "description", "column_2": "title"}


def test_a_language_that_is_not_in_the_table_is_helped_by_content() -> None:
    found = fields({"商品名": VALUES["title"], "バーコード": VALUES["ean"], "画像": VALUES["image"]})

    assert found == {"商品名": "title", "バーコード": "ean", "画像": "image_url"}


def test_a_short_description_is_the_title_only_where_nothing_else_is() -> None:
    alone = fields({"CODIGO": VALUES["code"], "DESCRIPCIÓN": VALUES["title"]})
    beside = fields({"CODIGO": VALUES["code"], "NOMBRE": VALUES["title"], "DESCRIPCIÓN": VALUES["text"]})

    assert alone["DESCRIPCIÓN"] == "title"
    assert (beside["NOMBRE"], beside["DESCRIPCIÓN"]) == ("title", "description")


def test_of_two_descriptions_the_short_one_is_the_title_where_nothing_else_is() -> None:
    found = fields({"codice": VALUES["code"], "descrizione": VALUES["title"], "descrizione_estesa": VALUES["text"]})

    assert found == {"codice": "sku", "descrizione": "title", "descrizione_estesa": "description"}


def test_a_model_is_the_title_only_where_it_reads_like_one() -> None:
    described = {"vendorCode": VALUES["code"], "description": VALUES["text"]}

    assert fields({"model": VALUES["title"], **described})["model"] == "title"
    assert fields({"model": VALUES["number"], **described})["model"] == "mpn"


def test_a_price_with_tax_comes_before_one_without_and_before_the_rate() -> None:
    columns = {"Price/Net": VALUES["price"], "Price/Gross": VALUES["price"], "Price/@vat": ["23.0"] * ROWS}

    assert fields(columns) == {"Price/Net": None, "Price/Gross": "price", "Price/@vat": "tax_rate"}


def test_links_of_images_are_the_image_whatever_they_are_called() -> None:
    found = fields({"main/@url": VALUES["image"], "@url": VALUES["page"]})

    assert found == {"main/@url": "image_url", "@url": "url"}


def test_a_manufacturer_is_the_brand_only_where_no_brand_is() -> None:
    assert fields({"Manufacturer": VALUES["brand"]})["Manufacturer"] == "brand_name"
    both = fields({"Manufacturer": VALUES["brand"], "Brand": VALUES["brand"]})
    assert both == {"Manufacturer": "manufacturer", "Brand": "brand_name"}


def test_a_suppliers_code_is_the_sku_only_where_no_other_code_is() -> None:
    assert fields({"Supplier reference": VALUES["code"]})["Supplier reference"] == "sku"
    both = fields({"Supplier reference": VALUES["number"], "Reference": VALUES["code"]})
    assert both == {"Supplier reference": "supplier_sku", "Reference": "sku"}


def test_of_titles_in_several_languages_the_fullest_is_taken_and_not_for_sure() -> None:
    some: list[str | None] = [*VALUES["title"][:3], *[None] * (ROWS - 3)]

    found = detect({"name_fr": some, "name_nl": VALUES["title"], "name_xx": [None] * ROWS})

    assert found["name_nl"].field == "title"
    assert found["name_fr"].field is None
    two = detect({"name": VALUES["title"], "name_ua": VALUES["title"]})
    assert two["name"].confidence < SURE


def test_quantity_is_the_content_where_units_of_content_stand_beside() -> None:
    content = fields({"name": VALUES["title"], "quantity": VALUES["count"], "unit": ["g", "ml"] * 6})
    pieces = fields({"name": VALUES["title"], "quantity": VALUES["count"], "unit": ["pcs", "set"] * 6})

    assert content["quantity"] is None
    assert pieces["quantity"] == "stock"


def test_a_column_beside_names_an_attribute() -> None:
    found = fields(
        {
            "Attribute 1 name": ["Colour"] * ROWS,
            "Attribute 1 value(s)": VALUES["color"],
            "Attribute 2 name": ["producent"] * ROWS,
            "Attribute 2": VALUES["brand"],
        }
    )

    assert (found["Attribute 1 value(s)"], found["Attribute 2"]) == ("color", "brand_name")
    assert found["Attribute 1 name"] is None


def test_a_number_that_counts_rows_is_the_sku_only_where_nothing_else_names_the_product() -> None:
    counter = [str(number) for number in range(1, ROWS + 1)]

    assert fields({"id": counter, "name": VALUES["title"]})["id"] == "sku"
    assert fields({"id": counter, "name": VALUES["title"], "barcode": VALUES["ean"]})["id"] is None


def test_article_heads_names_and_codes() -> None:
    names = fields({"Nr": VALUES["number"], "Artikel": ["Handschuhe", "Mundschutz", "Bettschutz"] * 4})
    codes = fields({"Artikel": VALUES["code"], "Name": VALUES["title"]})

    assert names["Artikel"] == "title"
    assert codes["Artikel"] == "sku"


def test_a_blank_column_is_proposed_by_its_header_but_never_for_sure() -> None:
    found = detect({"EAN": [None] * ROWS, "sku": VALUES["code"], "name": VALUES["title"]})["EAN"]

    assert found.field == "ean"
    assert found.confidence <= 0.6


def test_the_wrong_kind_of_product_type_is_no_category() -> None:
    found = fields({"product_type": ["simple", "configurable"] * 6, "categories": VALUES["path"]})

    assert found == {"product_type": None, "categories": "category"}


def test_a_field_is_proposed_once_and_every_column_has_a_reason() -> None:
    columns = {
        f"{header} {number}": VALUES[kind]
        for header, kind in [("price", "price"), ("name", "title")]
        for number in (1, 2, 3)
    }

    found = detect(columns)

    chosen = [one.field for one in found.values() if one.field]
    assert sorted(chosen) == ["price", "title"]
    assert (found["price 1"].field, found["name 1"].field) == ("price", "title")
    assert list(found) == list(columns)
    for suggestion in found.values():
        assert 0 <= suggestion.confidence <= 1
        assert suggestion.reason.endswith(".")
        assert suggestion.field is None or is_field(suggestion.field)


def test_an_identifier_and_a_title_make_a_mapping_beyond_doubt() -> None:
    assert is_beyond_doubt(detect({"EAN": VALUES["ean"], "Product name": VALUES["title"]}))
    assert is_beyond_doubt(detect({"SKU": VALUES["code"], "Titre": VALUES["title"]}))


@pytest.mark.parametrize(
    "columns",
    [
        {"EAN": "ean", "Price": "price"},
        {"Name": "title", "Price": "price"},
        {"code": "code", "Name": "title"},  # a code of whatever
        {"EAN": "ean", "name": "title", "name_en": "title"},  # which of two titles?
        {"column_1": "ean", "column_2": "title"},
    ],
)
def test_a_mapping_that_a_person_should_see_is_not_beyond_doubt(columns: dict[str, str]) -> None:
    assert not is_beyond_doubt(detect({header: VALUES[kind] for header, kind in columns.items()}))


def test_odd_headers_do_no_harm() -> None:
    headers = [
        "",
        " ",
        "()",
        "###",
        "a" * 5_000,
        "😀",
        "€",
        "x/" * 300,
        "1",
        "\u202e",
        "de la",
        "Price\nnet",
        "=cmd|'/c calc'!A0",
    ]

    found = detect(dict.fromkeys(headers, VALUES["title"]))

    assert len(found) == len(headers)
