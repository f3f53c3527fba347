"""Slovak."""

WORDS: dict[str, str] = {
    "ean": "čiarový kód, ean, ean kód, kód ean, gtin",
    "sku": """
        kód?, kód tovaru, kód produktu, katalógové číslo, číslo tovaru, objednávacie číslo, objednávací kód, číslo
        produktu, kód položky, číslo artikla, interný kód, id produktu?
    """,
    "supplier_sku": "kód dodávateľa, dodávateľský kód",
    "mpn": "kód výrobcu, katalógové číslo výrobcu, číslo výrobcu, číslo dielu, model?",
    "title": "názov?, názov produktu, názov tovaru, produkt?, tovar??, názov položky, titulok, obchodný názov",
    "description": "popis, popis produktu, dlhý popis, popis tovaru, podrobný popis, detailný popis",
    "short_description": "krátky popis, stručný popis",
    "brand_name": "značka",
    "manufacturer": "výrobca, producent, názov výrobcu",
    "category": "kategória, kategórie, skupina?, skupina tovaru, podkategória, druh?, typ??, sortiment??",
    "price": """
        cena, cena s dph, cena bez dph, predajná cena, maloobchodná cena, moc, odporúčaná cena?, bežná cena,
        konečná cena, koncová cena
    """,
    "cost_price": "nákupná cena, veľkoobchodná cena, voc, vaša cena, obstarávacia cena",
    "sale_price": "akciová cena, zľavnená cena, cena po zľave, výpredajová cena",
    "currency": "mena, kód meny",
    "tax_rate": "dph, sadzba dph, daň?",
    "stock": """
        sklad?, skladom, množstvo?, stav skladu, počet kusov, zásoba, zásoby, počet?, na sklade, dostupnosť??,
        dostupné množstvo
    """,
    "weight": "hmotnosť, váha",
    "weight_unit": "jednotka hmotnosti",
    "length": "dĺžka, hĺbka",
    "width": "šírka",
    "height": "výška",
    "dimension_unit": "jednotka rozmerov",
    "image_url": "obrázok, foto, fotka, hlavný obrázok, url obrázka, odkaz na obrázok, fotografia",
    "image_urls": "obrázky, ďalšie obrázky, fotky, galéria",
    "url": "url, odkaz, url produktu, odkaz na produkt, stránka produktu",
    "color": "farba, farby",
    "size": "veľkosť",
    "material": "materiál, zloženie?, látka",
    "gender": "pohlavie",
    "country_of_origin": "krajina pôvodu, pôvod, krajina výroby, krajina?",
    "condition": "stav tovaru, stav produktu",
    "availability": "dostupnosť, skladovosť",
    "is_active": "aktívny, viditeľný?, zverejnené, v predaji",
    "unit": "jednotka, merná jednotka, mj, predajná jednotka",
    "product": "tovar, tovaru, produkt, produktu, produkty, položka, položky, varianta, variant, hlavný, eshop",
    "glue": "na, v, a, s, za, vo, z, pre",
    "tax": "dph, bez, s, vrátane, vr, eur, ks, kus",
    "other": """
        doprava, dopravy, doručenie, dátum, čas, min, minimálne, max, stará, pôvodná, pred, od, zľava, percent,
        dodávateľ, dodávateľa, kartón, paleta, balenie, štítky, kľúčové, slová, stav, jazyk, nadradená, pozícia,
        video, dokument, súbor, logo, alergény, kg, liter, poznámka, záruka, sezóna, rok, vek, clo, marža,
        vlastnosť, vlastnosti, parameter, parametre, atribút, dodania
    """,
}
