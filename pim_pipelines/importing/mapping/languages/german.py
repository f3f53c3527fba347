"""German."""

WORDS: dict[str, str] = {
    "ean": """
        ean, ean code, gtin, strichcode, barcode, ean nummer, eannr, ean nr, europäische artikelnummer, gtin ean,
        ean stück, ean einheit, ean artikel
    """,
    "sku": """
        artikelnummer, artikelnr, artikel nr, art nr, artnr, artnum, artikelcode, artikel nummer, bestellnummer,
        bestellnr, bestell nr, produktnummer, produktnr, produktcode, produkt nr, sachnummer, warennummer?,
        materialnummer, materialnr, material nr, interne artikelnummer, referenz?, referenznummer, nummer?, nr?,
        code?, kennung??, artikel?, artikel id?, artikelid?, teilenummer??, identnummer, artikelnummer intern,
        variantennummer, katalognummer, artikelkürzel
    """,
    "supplier_sku": """
        lieferantenartikelnummer, lieferanten artikelnummer, lieferantennummer?, artikelnummer lieferant, lief art
        nr, lieferantenartikelnr, lieferanten artnr, lieferanten nr?, artikelnr lieferant,
        lieferantenbestellnummer
    """,
    "mpn": """
        herstellernummer, herstellerartikelnummer, hersteller artikelnummer, hersteller nr, herstellernr,
        hersteller art nr, artikelnummer hersteller, herstellerteilenummer, hersteller sku, herstellercode,
        teilenummer, modellnummer?, modell?, typennummer?, modellnr?, herstellerproduktnummer, hersteller
        produktnummer, han
    """,
    "title": """
        titel, name?, artikelname, produktname, bezeichnung, artikelbezeichnung, produktbezeichnung,
        warenbezeichnung, artikeltitel, produkttitel, kurzbezeichnung, produkt?, bezeichnung 1, benennung,
        handelsname, artikeltext?, verkaufsbezeichnung, kurztext?, kurzbeschreibung??, langbezeichnung?,
        modellbezeichnung??, überschrift??, bez?, artikelbez, artikel bez, produktbez, artikel?, artikeltext
    """,
    "description": """
        beschreibung, langtext, langbeschreibung, artikelbeschreibung, produktbeschreibung, detailbeschreibung,
        lange beschreibung, beschreibungstext, produkttext, text?, produktdetails, details?, ausführliche
        beschreibung, beschreibung lang, artikelbeschreibung lang, webtext
    """,
    "short_description": """
        kurzbeschreibung, kurztext, kurze beschreibung, beschreibung kurz, kurzinfo, zusammenfassung, untertitel?
    """,
    "brand_name": "marke, markenname, produktmarke, marken, hausmarke",
    "manufacturer": "hersteller, herstellername, produzent, fabrikat, hersteller name, erzeuger",
    "category": """
        kategorie, kategorien, warengruppe, produktgruppe, artikelgruppe, sortiment?, hauptgruppe, untergruppe,
        hauptkategorie, unterkategorie, produkttyp?, artikeltyp?, produktkategorie, kategoriepfad, gruppe?, typ??,
        klasse??, abteilung??, rubrik, bereich??, produktart?, artikelart?, shopkategorie,
        warengruppenbezeichnung, warengruppe bezeichnung, familie??, produktfamilie, sparte??, obergruppe?,
        oberkategorie, kategorie ebene
    """,
    "price": """
        preis, verkaufspreis, vk, vk preis, uvp?, listenpreis, einzelpreis, bruttopreis, endpreis, preis brutto,
        preis netto, nettopreis, stückpreis, ladenpreis, endkundenpreis, normalpreis, katalogpreis, unverbindliche
        preisempfehlung?, empfohlener verkaufspreis?, vkp, vk brutto, vk netto, shoppreis, artikelpreis, preis pro
        stück, regulärer preis, normaler preis
    """,
    "cost_price": """
        einkaufspreis, ek, ek preis, händlerpreis, hek, ek netto, händler ek, großhandelspreis, haendlerpreis,
        gestehungspreis, einstandspreis, ihr preis, ihr ek, händlereinkaufspreis, nettoeinkaufspreis, bezugspreis,
        kosten?, wiederverkäuferpreis, ekp
    """,
    "sale_price": """
        aktionspreis, angebotspreis, sonderpreis, sale preis, rabattpreis, reduzierter preis, promopreis, aktions
        vk
    """,
    "currency": "währung, währungscode, waehrung, preiswährung",
    "tax_rate": """
        mwst, mwst satz, mehrwertsteuer, steuersatz, ust, ust satz, umsatzsteuer, mehrwertsteuersatz, mwstsatz,
        steuer?, steuer prozent
    """,
    "stock": """
        bestand, lagerbestand, lager, lagermenge, menge?, stückzahl?, verfügbare menge, verfügbar?, verfügbarer
        bestand, anzahl?, verfügbarkeit??, vorrat, auf lager??, bestandsmenge, aktueller bestand, freier bestand,
        lagerstand, lagernd??
    """,
    "weight": """
        gewicht, nettogewicht, bruttogewicht, artikelgewicht, versandgewicht, gewicht kg, gewicht netto, gewicht
        brutto, produktgewicht
    """,
    "weight_unit": "gewichtseinheit, einheit gewicht",
    "length": "länge, laenge, tiefe, produktlänge, länge cm",
    "width": "breite, produktbreite, breite cm",
    "height": "höhe, hoehe, produkthöhe",
    "dimension_unit": "maßeinheit??, abmessungseinheit, längeneinheit, einheit maße, einheit abmessungen",
    "image_url": """
        bild, bild url, bildurl, bildlink, bild link, produktbild, artikelbild, hauptbild, foto, abbildung,
        bilddatei??, bildpfad, bildadresse, bild 1, vorschaubild?, bildname??, url bild
    """,
    "image_urls": """
        bilder, weitere bilder, zusatzbilder, bildergalerie, produktbilder, artikelbilder, bild urls, fotos, alle
        bilder, zusätzliche bilder
    """,
    "url": """
        url, link, produktlink, artikellink, produkt url, produktseite, artikel url, webseite?, deeplink,
        shoplink, produktseite url, weblink
    """,
    "color": "farbe, farbname, farbton, farbbezeichnung, farben, grundfarbe",
    "size": "größe, groesse, konfektionsgröße, schuhgröße, kleidergröße",
    "material": "material, werkstoff, stoff, materialzusammensetzung, obermaterial, gewebe?",
    "gender": "geschlecht, zielgruppe?",
    "country_of_origin": """
        herkunftsland, ursprungsland, herkunft, ursprung, produktionsland, herstellungsland, hergestellt in,
        herkunft land, land?
    """,
    "condition": "zustand, artikelzustand",
    "availability": "verfügbarkeit, lieferstatus, lagerstatus, lieferbarkeit, bestandsstatus, verfügbarkeitsstatus",
    "is_active": "aktiv, ist aktiv, freigeschaltet, online?, sichtbar?, status??, veröffentlicht, artikelstatus??",
    "unit": """
        einheit, mengeneinheit, verkaufseinheit, me, ve einheit, bestelleinheit, basiseinheit, vpe einheit,
        maßeinheit, inhaltseinheit, verpackungseinheit??
    """,
    "product": """
        produkt, produkte, artikel, ware, waren, art, variante, haupt, stamm, stück, intern, shop, deutsch,
        vollständig
    """,
    "glue": "der, die, das, des, dem, den, und, für, pro, von, zum, zur, in, im, je, mit",
    "tax": """
        netto, brutto, inkl, exkl, inklusive, exklusive, zzgl, ohne, mit, mwst, ust, steuer, euro, eur, st, stück,
        chf, ab
    """,
    "other": """
        versand, versandkosten, lieferung, lieferzeit, liefer, fracht, datum, zeit, mindest, min, minimum, max,
        alt, alte, alter, bisheriger, vorher, statt, streichpreis, seit, bis, von, schlagwort, schlagworte,
        stichwort, suchbegriffe, position, rabatt, prozent, staffel, grundpreis, grundeinheit, inhalt, pfand,
        gebühr, karton, umkarton, palette, vpe, verpackung, lieferant, lieferanten, lagerplatz, garantie, saison,
        jahr, status, typ, sprache, gruppe, eltern, vater, titel, video, dokument, datei, datenblatt, zutaten,
        allergene, nährwerte, kilo, liter, bemerkung, hinweis, kommentar, bewertung, geändert, erstellt, änderung,
        zoll, zolltarif, zolltarifnummer, statistische, warentarifnummer, bestellt, reserviert, merkmal, merkmale,
        eigenschaft, eigenschaften, attribut, mindestbestand, mindestbestellmenge, meldebestand, nachfolger,
        ersatz, logo, kunde, kunden, filiale, aufschlag, zuschlag, marge, spanne, menge, ve, übergeordnet,
        übergeordnete, zubehör
    """,
}
