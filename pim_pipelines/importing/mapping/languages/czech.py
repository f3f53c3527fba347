"""Czech."""

WORDS: dict[str, str] = {
    "ean": "čárový kód, ean, kód ean, ean kód, gtin, carovy kod, čárkový kód",
    "sku": """
        kód?, kód zboží, kód produktu, katalogové číslo, číslo zboží, číslo produktu, objednací číslo, objednací
        kód, kat číslo, obj číslo, kód položky, číslo artiklu, artikl??, skladové číslo, interní kód, item id, id
        produktu?, číslo položky, zkratka?
    """,
    "supplier_sku": "kód dodavatele, číslo dodavatele?, dodavatelský kód, katalogové číslo dodavatele",
    "mpn": "kód výrobce, katalogové číslo výrobce, číslo výrobce, číslo dílu, model?, productno",
    "title": """
        název?, název produktu, název zboží, jméno??, produkt?, zboží??, název položky, titulek, productname,
        pojmenování, obchodní název
    """,
    "description": "popis, popis produktu, dlouhý popis, popis zboží, detailní popis, podrobný popis, text?",
    "short_description": "krátký popis, stručný popis, anotace, krátký text, description short",
    "brand_name": "značka, obchodní značka",
    "manufacturer": "výrobce, producent, dodavatel výrobce, název výrobce",
    "category": """
        kategorie, skupina?, skupina zboží, podkategorie, druh?, druh zboží, typ??, sortiment??, categorytext,
        výchozí kategorie, cesta kategorie
    """,
    "price": """
        cena, cena s dph, cena bez dph, prodejní cena, maloobchodní cena, moc, doporučená cena?, běžná cena,
        koncová cena, price vat, základní cena, dmoc, standardní cena, price dmoc
    """,
    "cost_price": """
        nákupní cena, velkoobchodní cena, voc, nákupka?, pořizovací cena, vaše cena, cena nákupní, b2b cena, moje
        cena
    """,
    "sale_price": "akční cena, zlevněná cena, cena po slevě, výprodejová cena, cena v akci",
    "currency": "měna, kód měny",
    "tax_rate": "dph, sazba dph, daň?, vat, dph sazba",
    "stock": """
        sklad?, skladem, množství?, stav skladu, počet kusů, zásoba, zásoby, počet?, na skladě, dostupnost??,
        skladové množství, dostupné množství, stav zásob
    """,
    "weight": "hmotnost, váha, hmotnost netto, hmotnost brutto, hmotnost kg",
    "weight_unit": "jednotka hmotnosti",
    "length": "délka, hloubka",
    "width": "šířka",
    "height": "výška",
    "dimension_unit": "jednotka rozměrů, jednotka délky",
    "image_url": """
        obrázek, foto, fotka, hlavní obrázek, url obrázku, odkaz na obrázek, fotografie, imgurl, obrázek url,
        náhled?
    """,
    "image_urls": "obrázky, další obrázky, fotky, galerie, imgurl alternative, doplňkové obrázky",
    "url": "url, odkaz, url produktu, odkaz na produkt, stránka produktu, adresa stránky",
    "color": "barva, barvy",
    "size": "velikost",
    "material": "materiál, složení?, látka",
    "gender": "pohlaví",
    "country_of_origin": "země původu, původ, země výroby, země?",
    "condition": "stav zboží, stav produktu",
    "availability": "dostupnost, skladovost, stav dostupnosti",
    "is_active": "aktivní, viditelný?, zveřejněno, viditelnost??, v prodeji, zobrazit??",
    "unit": "jednotka, měrná jednotka, mj, jednotka množství, prodejní jednotka",
    "product": """
        zboží, produkt, produktu, produkty, položka, položky, artikl, varianta, varianty, hlavní, eshop, item,
        shopitem
    """,
    "glue": "na, v, a, s, za, ve, z, pro",
    "tax": "dph, bez, s, včetně, vč, czk, kč, ks, kus, netto, brutto, vat",
    "other": """
        doprava, dopravy, doručení, datum, čas, min, minimální, max, maximální, stará, původní, před, od, sleva,
        slevy, procent, dodavatel, dodavatele, karton, paleta, balení, štítek, štítky, klíčová, slova, stav,
        jazyk, nadřazená, pozice, video, dokument, soubor, logo, ingredience, alergeny, kg, litr, měrná, poznámka,
        záruka, sezóna, rok, věk, clo, rezervováno, marže, vlastnost, vlastnosti, parametr, parametry, atribut,
        dodání, group, itemgroup, accessory, cpc, autorský, recyklační, poplatek
    """,
}
