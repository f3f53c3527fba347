"""Lithuanian and Latvian."""

WORDS: dict[str, str] = {
    "ean": "barkodas, brūkšninis kodas, ean, ean kodas, svītrkods, ean kods",
    "sku": """
        prekės kodas, kodas?, artikulas, preces kods, kods?, artikuls, produkto kodas, produkta kods, vidinis
        kodas
    """,
    "supplier_sku": "tiekėjo kodas, piegādātāja kods",
    "mpn": "gamintojo kodas, ražotāja kods, modelis?",
    "title": """
        pavadinimas?, prekės pavadinimas, nosaukums?, preces nosaukums, produkto pavadinimas, produkta nosaukums,
        prekė?, prece?
    """,
    "description": "aprašymas, prekės aprašymas, apraksts, preces apraksts, pilnas aprašymas",
    "short_description": "trumpas aprašymas, īss apraksts",
    "brand_name": "prekės ženklas, prekinis ženklas, zīmols, preču zīme, markė",
    "manufacturer": "gamintojas, ražotājs",
    "category": "kategorija, kategorijos, grupė?, prekių grupė, grupa?, preču grupa, subkategorija, apakškategorija",
    "price": """
        kaina, pardavimo kaina, mažmeninė kaina, cena, pārdošanas cena, mazumtirdzniecības cena, kaina su pvm,
        kaina be pvm
    """,
    "cost_price": "savikaina, didmeninė kaina, pirkimo kaina, iepirkuma cena, vairumtirdzniecības cena",
    "sale_price": "akcijos kaina, kaina su nuolaida, akcijas cena, cena ar atlaidi",
    "currency": "valiuta, valūta",
    "tax_rate": "pvm, pvm tarifas, pvn, pvn likme",
    "stock": "likutis, likučiai, kiekis?, sandėlyje??, atlikums, daudzums?, noliktavā??, krājums, kiekis sandėlyje",
    "weight": "svoris, neto svoris, svars, neto svars",
    "length": "ilgis, gylis, garums, dziļums",
    "width": "plotis, platums",
    "height": "aukštis, augstums",
    "image_url": "nuotrauka, paveikslėlis, nuotraukos nuoroda, attēls, bilde, attēla saite",
    "image_urls": "nuotraukos, paveikslėliai, attēli, bildes",
    "url": "nuoroda, url, prekės nuoroda, saite, preces saite",
    "color": "spalva, krāsa",
    "size": "dydis, izmērs",
    "material": "medžiaga, materiāls",
    "gender": "lytis, dzimums",
    "country_of_origin": "kilmės šalis, šalis?, izcelsmes valsts, valsts?",
    "condition": "būklė, stāvoklis",
    "availability": "prieinamumas, pieejamība",
    "unit": "matavimo vienetas, vienetas?, mērvienība, vienība?",
    "product": "prekė, prekės, prekių, produktas, produkto, prece, preces, preču, produkts, produkta",
    "glue": "ir, un, su, ar",
    "tax": "pvm, pvn, be, su, bez, ar, eur",
    "other": """
        pristatymas, pristatymo, piegāde, piegādes, data, datums, minimalus, sena, vecā, nuolaida, atlaide,
        tiekėjas, piegādātājs, pakuotė, iepakojums, pastaba, piezīmes, garantija, savybės, īpašības
    """,
}
