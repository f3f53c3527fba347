"""Hungarian."""

WORDS: dict[str, str] = {
    "ean": "vonalkód, ean, ean kód, gtin, vonalkódok?",
    "sku": """
        cikkszám, termékkód, cikk szám, termék kód, kód?, azonosító?, cikkszam, belső cikkszám, rendelési szám,
        katalógusszám, árucikk szám, termékazonosító, cikkkód
    """,
    "supplier_sku": "beszállítói cikkszám, szállítói cikkszám, beszállító cikkszám",
    "mpn": "gyártói cikkszám, gyári cikkszám, gyártói kód, modell?, típusszám?",
    "title": """
        név?, terméknév, megnevezés, termék neve, cikknév, termék megnevezése, cikk megnevezése, termék?,
        elnevezés, cím??
    """,
    "description": "leírás, termékleírás, hosszú leírás, részletes leírás, termék leírás, szöveg?",
    "short_description": "rövid leírás, összefoglaló",
    "brand_name": "márka, márkanév, brand",
    "manufacturer": "gyártó, gyártó neve, termelő",
    "category": """
        kategória, kategóriák, termékcsoport, csoport?, alkategória, cikkcsoport, termékkategória, árucsoport,
        típus??, kategória útvonal
    """,
    "price": """
        ár, bruttó ár, nettó ár, eladási ár, fogyasztói ár, kiskereskedelmi ár, listaár, egységár?, ajánlott
        fogyasztói ár?, ajánlott ár?, alapár, eladási egységár, fogyár
    """,
    "cost_price": """
        beszerzési ár, nagykereskedelmi ár, nagyker ár, viszonteladói ár, bekerülési ár, beszerzési nettó ár,
        nagyker?
    """,
    "sale_price": "akciós ár, kedvezményes ár, leértékelt ár, akciós bruttó ár",
    "currency": "pénznem, deviza, valuta",
    "tax_rate": "áfa, áfa kulcs, áfakulcs, adó?, áfa mértéke",
    "stock": """
        készlet, raktárkészlet, mennyiség?, elérhető mennyiség, darabszám?, raktáron??, raktár??, szabad készlet,
        készlet mennyiség, elérhetőség??
    """,
    "weight": "súly, tömeg, nettó súly, bruttó súly, tömege",
    "weight_unit": "súly mértékegység, tömeg mértékegysége",
    "length": "hossz, hosszúság, mélység",
    "width": "szélesség",
    "height": "magasság",
    "dimension_unit": "méret mértékegység",
    "image_url": "kép, képlink, kép url, fő kép, fotó, kép link, termékkép, főkép, kép elérési útja, képurl",
    "image_urls": "képek, további képek, galéria, képek linkjei, termékképek",
    "url": "url, link, termék link, hivatkozás, termék url, terméklink, weboldal?, termék oldal",
    "color": "szín, színe",
    "size": "méret, ruhaméret, cipőméret",
    "material": "anyag, összetétel?, anyaga",
    "gender": "nem??",
    "country_of_origin": "származási ország, származási hely, származás, gyártás helye, ország?",
    "condition": "állapot, termék állapota",
    "availability": "elérhetőség, készletinformáció, raktárkészlet állapot, készlet státusz",
    "is_active": "aktív, publikált, látható?, státusz??, megjelenik??",
    "unit": "mértékegység, egység?, mennyiségi egység, me, eladási egység, kiszerelés??",
    "product": "termék, termékek, cikk, cikkek, áru, változat, fő",
    "glue": "a, az, és, db",
    "tax": "nettó, bruttó, áfa, áfás, ft, huf, nélkül, val, db, darab, forint, eur",
    "other": """
        szállítás, szállítási, dátum, idő, minimum, minimális, maximum, régi, eredeti, előző, kedvezmény,
        százalék, beszállító, szállító, karton, raklap, doboz, csomagolás, csomag, címkék, kulcsszavak, állapot,
        típus, nyelv, szülő, videó, dokumentum, fájl, összetevők, allergének, megjegyzés, garancia, szezon, év,
        tulajdonság, tulajdonságok, paraméter, jellemző, vámtarifa
    """,
}
