"""Swedish, Danish and Norwegian."""

WORDS: dict[str, str] = {
    "ean": """
        ean, ean kod, ean kode, streckkod, stregkode, strekkode, gtin, ean nummer, eankod, eannummer, ean nr, gtin
        nr
    """,
    "sku": """
        artikelnummer, artikelnr, artnr, art nr, artikelkod, varenummer, varenr, vare nr, varunummer, varukod,
        produktnummer, produktnr, produktkod, produktkode, varekode, beställningsnummer, bestillingsnummer,
        nummer?, kod?, kode?, artikkelnummer, artikkelnr, bestillingsnr, referens?, reference?, internt
        varenummer, artikel id?
    """,
    "supplier_sku": """
        leverantörens artikelnummer, lev artikelnr, leverandørens varenummer, leverantörsartikelnummer, leverandør
        varenr, leverandørens artikkelnummer, lev varenr
    """,
    "mpn": """
        tillverkarens artikelnummer, producentens varenummer, tillverkarnummer, producent varenummer, fabrikkens
        varenummer, produsentens varenummer, modell?, model?, modellnummer?, tillverkares artikelnummer
    """,
    "title": """
        namn?, produktnamn, artikelnamn, benämning, varunamn, navn?, produktnavn, varenavn, varetekst, titel,
        tittel, artikelbenämning, betegnelse, varebetegnelse, artikkelnavn, vare?, produkt?, varutext,
        produkttittel, produkttitel
    """,
    "description": """
        beskrivning, produktbeskrivning, lång beskrivning, beskrivelse, produktbeskrivelse, varebeskrivelse, lang
        beskrivelse, lang tekst, tekst?, text?, detaljerad beskrivning
    """,
    "short_description": "kort beskrivning, kort beskrivelse, sammanfattning, kortbeskrivning, kort tekst, ingress",
    "brand_name": "märke, varumärke, mærke, varemærke, merke, varemerke, merkenavn",
    "manufacturer": "tillverkare, producent, produsent, fabrikant, leverantör tillverkare",
    "category": """
        kategori, kategorier, varugrupp, produktgrupp, artikelgrupp, varegruppe, produktgruppe, underkategori,
        huvudkategori, hovedkategori, hovedgruppe, undergruppe, grupp?, gruppe?, avdelning??, typ??, sortiment??,
        produkttyp, produkttype, varekategori
    """,
    "price": """
        pris, försäljningspris, utpris, rekommenderat pris?, cirkapris?, ca pris?, salgspris, udsalgspris,
        utsalgspris, vejledende pris?, veiledende pris?, listpris, listepris, butikspris, enhetspris, enhedspris,
        ordinarie pris, normalpris, vejl udsalgspris?, konsumentpris, rek pris?, stykpris
    """,
    "cost_price": """
        inköpspris, inpris, nettopris?, indkøbspris, innkjøpspris, kostpris, grossistpris, engrospris,
        forhandlerpris, återförsäljarpris, innpris, inköp?, självkostnad
    """,
    "sale_price": """
        reapris, kampanjpris, tilbudspris, kampagnepris, kampanjepris, specialpris, rabatterat pris, nedsatt pris
    """,
    "currency": "valuta",
    "tax_rate": "moms, momssats, mva, moms procent, momsprocent, mva sats, momskod?",
    "stock": """
        lager, lagersaldo, saldo, antal?, lagerstatus??, lagerbeholdning, beholdning, antall?, lagerantal, på
        lager??, i lager??, kvantitet?, tillgängligt antal, lagerantall, disponibelt?, lagerkvantitet, mängd??
    """,
    "weight": "vikt, nettovikt, bruttovikt, vægt, nettovægt, bruttovægt, vekt, nettovekt, bruttovekt",
    "weight_unit": "viktenhet, vægtenhed, vektenhet",
    "length": "längd, djup, længde, dybde, lengde",
    "width": "bredd, bredde",
    "height": "höjd, højde, høyde",
    "dimension_unit": "måttenhet, måleenhed??, dimensionsenhet",
    "image_url": """
        bild, bildlänk, bildurl, bild url, huvudbild, billede, billede url, billedlink, hovedbillede, bilde, bilde
        url, bildelenke, hovedbilde, foto, produktbild, produktbillede, produktbilde, billedurl
    """,
    "image_urls": """
        bilder, extra bilder, billeder, ekstra billeder, ekstra bilder, galleri, produktbilder, fler bilder
    """,
    "url": """
        url, länk, produktlänk, link, produktlink, lenke, produktlenke, produkt url, produktsida, produktside,
        webadresse
    """,
    "color": "färg, farve, farge, kulör, färgnamn",
    "size": "storlek, størrelse, skostorlek",
    "material": "material, materiale, sammansättning?, tyg",
    "gender": "kön, køn, kjønn",
    "country_of_origin": """
        ursprungsland, ursprung, tillverkningsland, oprindelsesland, oprindelse, opprinnelsesland, opprinnelse,
        produktionsland, land?, produsert i
    """,
    "condition": "skick, tilstand, stand?",
    "availability": "tillgänglighet, tilgængelighed, tilgjengelighet, lagerstatus, leveransstatus",
    "is_active": "aktiv, publicerad, synlig?, publiceret, publisert, status??",
    "unit": """
        enhet, enhed, måttenhet, säljenhet, måleenhed, salgsenhed, salgsenhet, förpackningsenhet??, prisenhet,
        prisenhed
    """,
    "product": "produkt, produkter, artikel, artiklar, vara, vare, varer, artikkel, variant, huvud, hoved, webb",
    "glue": "av, af, i, för, for, og, och, på, en, et, den, pr",
    "tax": """
        exkl, inkl, ekskl, moms, mva, eks, ink, ex, utan, med, uden, uten, sek, dkk, nok, kr, netto, brutto, styk,
        st
    """,
    "other": """
        frakt, fragt, leverans, levering, leveringstid, leveranstid, datum, dato, min, minsta, minimum, max,
        gammalt, tidligere, før, före, rabatt, procent, prosent, leverantör, leverandør, kartong, karton, pall,
        palle, förpackning, forpackning, emballage, nyckelord, nøgleord, søgeord, status, typ, type, språk, sprog,
        grupp, video, dokument, fil, innehåll, indhold, ingredienser, allergener, kilo, liter, anmärkning,
        bemærkning, kommentar, garanti, säsong, år, ålder, attribut, egenskap, egenskaber, jämförpris, beställd
    """,
}
