"""Finnish and Estonian."""

WORDS: dict[str, str] = {
    "ean": "ean, ean koodi, viivakoodi, gtin, ribakood, ean kood, triipkood",
    "sku": """
        tuotekoodi, tuotenumero, tuote nro, tuotenro, artikkelinumero, nimikekoodi, nimikenumero, koodi?,
        tilausnumero, nimiketunnus, tootekood, artikkel??, kood?, laokood
    """,
    "supplier_sku": "toimittajan tuotekoodi, toimittajan koodi, toimittajan tuotenumero, tarnija kood",
    "mpn": """
        valmistajan tuotekoodi, valmistajan koodi, valmistajan tuotenumero, malli?, mallinumero?, tootja kood,
        mudel?
    """,
    "title": """
        nimi?, tuotenimi, tuotteen nimi, nimike?, otsikko, tuote?, nimetus?, toote nimi, toote nimetus, tootenimi,
        pealkiri, toode?
    """,
    "description": """
        kuvaus, tuotekuvaus, pitkä kuvaus, tuotteen kuvaus, teksti?, kirjeldus, toote kirjeldus, pikk kirjeldus
    """,
    "short_description": "lyhyt kuvaus, lyhytkuvaus, tiivistelmä, lühikirjeldus, lühike kirjeldus",
    "brand_name": "merkki, tuotemerkki, brändi, bränd, kaubamärk",
    "manufacturer": "valmistaja, tuottaja, tootja",
    "category": """
        kategoria, kategoriat, tuoteryhmä, ryhmä?, alakategoria, pääryhmä, tuoteluokka, tuotekategoria, osasto??,
        kategooria, tootegrupp, tooterühm, tyyppi??
    """,
    "price": """
        hinta, myyntihinta, ovh, suositushinta?, vähittäishinta, yksikköhinta, listahinta, veroton hinta,
        verollinen hinta, normaalihinta, hind, müügihind, jaehind, tavahind
    """,
    "cost_price": """
        ostohinta, hankintahinta, tukkuhinta, sisäänostohinta, jälleenmyyjähinta, ostuhind, hulgihind,
        sisseostuhind
    """,
    "sale_price": "tarjoushinta, alennushinta, kampanjahinta, erikoishinta, soodushind, kampaaniahind",
    "currency": "valuutta, valuuta",
    "tax_rate": "alv, alv kanta, verokanta, arvonlisävero, käibemaks, km määr, alv prosentti",
    "stock": """
        varasto, varastosaldo, saldo, määrä?, varastossa??, saatavilla??, saatavuus??, kpl?, vapaa saldo,
        varastomäärä, laoseis, kogus?, laojääk, laos??
    """,
    "weight": "paino, nettopaino, bruttopaino, kaal, netokaal, brutokaal",
    "weight_unit": "painoyksikkö, kaaluühik",
    "length": "pituus, syvyys, pikkus, sügavus",
    "width": "leveys, laius",
    "height": "korkeus, kõrgus",
    "dimension_unit": "mittayksikkö??, pituusyksikkö",
    "image_url": """
        kuva, tuotekuva, kuvan osoite, kuva url, pääkuva, kuvalinkki, kuvaosoite, pilt, tootepilt, pildi url
    """,
    "image_urls": "kuvat, lisäkuvat, tuotekuvat, pildid, lisapildid",
    "url": "url, linkki, tuotelinkki, tuotesivu, tuotteen osoite, link, tootelink, verkko osoite",
    "color": "väri, värv",
    "size": "koko, suurus",
    "material": "materiaali, koostumus?, kangas?, materjal",
    "gender": "sukupuoli, sugu",
    "country_of_origin": "alkuperämaa, valmistusmaa, alkuperä, päritolumaa, päritolu, maa?",
    "condition": "kunto, seisukord",
    "availability": "saatavuus, varastotilanne, saadavus",
    "is_active": "aktiivinen, julkaistu, näkyvissä?, aktiivne, tila??",
    "unit": "yksikkö, myyntiyksikkö, mittayksikkö, ühik, mõõtühik, müügiühik",
    "product": "tuote, tuotteen, tuotteet, artikkeli, nimike, nimikkeen, toode, toote, tooted, pää",
    "glue": "ja",
    "tax": "alv, veroton, verollinen, sis, ilman, netto, brutto, km, ilma, koos, kpl, tk, eur",
    "other": """
        toimitus, toimitusaika, pvm, päivämäärä, minimi, vanha, entinen, ennen, alennus, prosentti, toimittaja,
        toimittajan, laatikko, lava, pakkaus, avainsanat, tila, tyyppi, kieli, video, tiedosto, ainesosat,
        allergeenit, kilo, litra, huomautus, takuu, vuosi, ominaisuus, ominaisuudet, kuupäev, tarnija, pakend,
        vertailuhinta
    """,
}
