"""Croatian, Serbian (Latin letters), Bosnian and Slovenian."""

WORDS: dict[str, str] = {
    "ean": "barkod, bar kod, ean, ean kod, črtna koda, crtična koda, gtin, bar code, ean koda",
    "sku": """
        šifra, šifra artikla, šifra proizvoda, kataloški broj, kat broj, kod?, oznaka?, šifra izdelka, kataloška
        številka, interna šifra, koda?, koda artikla, koda izdelka, artikal??, šifra robe
    """,
    "supplier_sku": "šifra dobavljača, šifra dobavitelja, kod dobavljača",
    "mpn": "šifra proizvođača, kataloški broj proizvođača, šifra proizvajalca, model?, kod proizvođača",
    "title": """
        naziv?, naziv proizvoda, naziv artikla, ime?, ime proizvoda, naslov, proizvod?, naziv izdelka, ime
        izdelka, artikal?, naziv robe, trgovački naziv
    """,
    "description": """
        opis, opis proizvoda, dugi opis, detaljan opis, opis izdelka, opis artikla, daljši opis, dolg opis
    """,
    "short_description": "kratki opis, kratek opis, sažetak",
    "brand_name": "marka, robna marka, brend, brand, blagovna znamka, znamka, robna marka proizvoda",
    "manufacturer": "proizvođač, proizvajalec, proizvodjač",
    "category": """
        kategorija, kategorije, grupa?, grupa proizvoda, podkategorija, skupina?, vrsta?, tip??, kategorija
        proizvoda, grupa artikala, podgrupa, robna grupa, kategorija izdelka
    """,
    "price": """
        cijena, cena, maloprodajna cijena, mpc, prodajna cijena, cijena s pdv, redovna cijena, maloprodajna cena,
        prodajna cena, redna cena, cena z ddv, preporučena cijena?, redovna cena, mp cijena, mp cena
    """,
    "cost_price": """
        nabavna cijena, veleprodajna cijena, vpc, nabavna cena, veleprodajna cena, veleprodajna, vp cijena, vp cena
    """,
    "sale_price": """
        akcijska cijena, snižena cijena, cijena na akciji, akcijska cena, snižena cena, znižana cena, cijena za
        vrijeme posebnog oblika prodaje, mpc za vrijeme posebnog oblika prodaje
    """,
    "currency": "valuta",
    "tax_rate": "pdv, stopa pdv, porez?, ddv, stopnja ddv, stopa pdv a",
    "stock": """
        zaliha, zalihe, količina?, stanje?, dostupna količina, na zalihi??, dostupnost??, lager, zaloga, na
        zalogi??, raspoloživo?
    """,
    "weight": "težina, masa, neto težina, bruto težina, teža",
    "weight_unit": "jedinica težine, jedinica mase",
    "length": "duljina, dužina, dubina, dolžina, globina",
    "width": "širina",
    "height": "visina, višina",
    "dimension_unit": "jedinica dimenzija",
    "image_url": "slika, slika url, glavna slika, fotografija, link slike, url slike, glavna fotografija",
    "image_urls": "slike, dodatne slike, galerija, fotografije",
    "url": "url, poveznica, link, link proizvoda, url proizvoda, povezava",
    "color": "boja, barva",
    "size": "veličina, velikost",
    "material": "materijal, sastav?, material, sestava?",
    "gender": "spol, pol",
    "country_of_origin": """
        zemlja podrijetla, podrijetlo, zemlja porijekla, porijeklo, država porekla, država izvora, poreklo,
        država?, zemlja?, država podrijetla
    """,
    "condition": "stanje proizvoda",
    "availability": "dostupnost, raspoloživost, razpoložljivost",
    "is_active": "aktivan, aktivno, aktiven, vidljivo?, objavljeno",
    "unit": "jedinica mjere, mjerna jedinica, jedinica, jm, j m, enota mere, merska enota, jedinica mere, enota",
    "product": """
        proizvod, proizvoda, proizvodi, artikl, artikla, artikal, artikli, izdelek, izdelka, roba, glavna,
        varijanta
    """,
    "glue": "za, na, i, s, sa, od, u, v, z, po, in",
    "tax": "pdv, ddv, bez, s, sa, eur, kn, rsd, brez, z, kom, neto, bruto, uključen, maloprodajna",
    "other": """
        dostava, dostave, datum, vrijeme, minimalna, min, max, stara, prethodna, popust, posto, dobavljač,
        dobavljača, paket, paleta, kutija, pakiranje, pakovanje, ključne, riječi, status, tip, jezik, video,
        dokument, logo, sastojci, alergeni, kg, litra, litre, mjere, napomena, jamstvo, garancija, godina,
        karakteristike, atribut, sidrena, najniža, najniza, jedinicu
    """,
}
