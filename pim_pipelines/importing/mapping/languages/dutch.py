"""Dutch."""

WORDS: dict[str, str] = {
    "ean": """
        ean, ean code, eancode, barcode, streepjescode, gtin, ean nummer, ean ce, ean stuk, ean consumenteneenheid
    """,
    "sku": """
        artikelnummer, artikelnr, artikel nr, art nr, artikelcode, productcode, productnummer, bestelnummer,
        bestelcode, referentie?, code?, nummer?, artikel?, productnr, interne code, product id?, artikel id?,
        referentienummer?
    """,
    "supplier_sku": """
        leverancier artikelnummer, artikelnummer leverancier, leveranciersartikelnummer, leverancierscode?,
        artikelcode leverancier
    """,
    "mpn": """
        fabrikant artikelnummer, artikelnummer fabrikant, fabrikantcode, fabrieksnummer, fabrikantnummer,
        modelnummer?, model?, onderdeelnummer
    """,
    "title": """
        titel, naam?, productnaam, artikelnaam, omschrijving?, artikelomschrijving, productomschrijving?,
        benaming, product?, producttitel, korte omschrijving??, naam product, handelsnaam, artikel omschrijving
    """,
    "description": """
        beschrijving, lange omschrijving, productbeschrijving, uitgebreide omschrijving, lange beschrijving,
        tekst?, omschrijving lang, details?, omschrijving??, productomschrijving
    """,
    "short_description": "korte beschrijving, korte omschrijving, samenvatting, omschrijving kort",
    "brand_name": "merk, merknaam",
    "manufacturer": "fabrikant, producent, maker, naam fabrikant",
    "category": """
        categorie, categorieën, productgroep, artikelgroep, hoofdgroep, subgroep, subcategorie, hoofdcategorie,
        groep?, soort?, type??, assortiment??, afdeling??, rubriek, productsoort, familie??
    """,
    "price": """
        prijs, verkoopprijs, adviesprijs?, consumentenprijs, stuksprijs, catalogusprijs, brutoprijs, prijs per
        stuk, winkelprijs, adviesverkoopprijs?, consumentenadviesprijs?, cap, normale prijs
    """,
    "cost_price": """
        inkoopprijs, kostprijs, nettoprijs, dealerprijs, groothandelsprijs, inkoop?, netto inkoopprijs,
        inkoopprijs netto
    """,
    "sale_price": "actieprijs, aanbiedingsprijs, kortingsprijs, speciale prijs, sale prijs, aanbieding?",
    "currency": "valuta, munteenheid, munt",
    "tax_rate": "btw, btw tarief, btw percentage, btw code?, btw hoog laag?",
    "stock": """
        voorraad, vrije voorraad, aantal?, voorraad aantal, beschikbare voorraad, op voorraad??, beschikbaar??,
        beschikbaarheid??, hoeveelheid?, voorraadstand, actuele voorraad, stock
    """,
    "weight": "gewicht, netto gewicht, bruto gewicht, nettogewicht, brutogewicht, verzendgewicht",
    "weight_unit": "gewichtseenheid, eenheid gewicht",
    "length": "lengte, diepte",
    "width": "breedte",
    "height": "hoogte",
    "dimension_unit": "eenheid afmetingen, afmeting eenheid, lengte eenheid",
    "image_url": """
        afbeelding, afbeelding url, foto, plaatje, hoofdafbeelding, afbeeldingslink, afbeeldingurl, productfoto,
        productafbeelding, foto url
    """,
    "image_urls": """
        afbeeldingen, foto's, extra afbeeldingen, overige afbeeldingen, productafbeeldingen, productfotos
    """,
    "url": "url, link, product link, productpagina, product url, website?, productlink, deeplink",
    "color": "kleur, kleuren, kleurnaam",
    "size": "maat, kledingmaat, schoenmaat, afmeting?, grootte?",
    "material": "materiaal, stof, samenstelling?, materialen",
    "gender": "geslacht, doelgroep?",
    "country_of_origin": """
        land van herkomst, herkomst, herkomstland, land van oorsprong, oorsprong, productieland, land?, gemaakt in
    """,
    "condition": "conditie, staat?",
    "availability": "beschikbaarheid, voorraadstatus, leverbaarheid",
    "is_active": "actief, zichtbaar?, online?, gepubliceerd, status??, ingeschakeld",
    "unit": "eenheid, verkoopeenheid, besteleenheid, maateenheid, inhoud eenheid, verpakkingseenheid??",
    "product": "product, producten, artikel, artikelen, variant, hoofd, webshop",
    "glue": "van, de, het, een, en, per, in, voor, op",
    "tax": "excl, incl, exclusief, inclusief, btw, netto, bruto, ex, zonder, met, euro, eur, stuk, advies",
    "other": """
        verzending, verzendkosten, levertijd, levering, datum, minimum, minimale, min, max, maximale, oude, oud,
        vorige, was, van, tot, korting, percentage, leverancier, magazijn, locatie, doos, omdoos, pallet,
        verpakking, tags, trefwoorden, zoekwoorden, status, type, taal, groep, positie, video, document, bestand,
        logo, ingrediënten, allergenen, kilo, liter, inhoud, opmerking, opmerkingen, notitie, garantie, seizoen,
        jaar, leeftijd, gereserveerd, besteld, marge, kenmerk, kenmerken, attribuut, statiegeld, note, store,
        winkel
    """,
}
