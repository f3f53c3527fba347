"""Italian."""

WORDS: dict[str, str] = {
    "ean": "codice a barre, codice barre, barcode, codice ean, ean, gtin, cod ean, cod barre",
    "sku": """
        codice, cod?, codice articolo, codice prodotto, cod articolo, cod art, riferimento?, rif?, codice interno,
        numero articolo, sku, articolo?, id prodotto?, codice merce, codart
    """,
    "supplier_sku": """
        codice fornitore, codice articolo fornitore, cod fornitore, riferimento fornitore, cod art fornitore
    """,
    "mpn": """
        codice produttore, codice costruttore, cod produttore, part number, riferimento produttore, modello?,
        codice fabbricante
    """,
    "title": """
        titolo, nome?, nome prodotto, nome del prodotto, denominazione, nome articolo, prodotto?, descrizione
        articolo??, descrizione breve??, descrizione prodotto??, articolo?
    """,
    "description": """
        descrizione, descrizione lunga, descrizione estesa, descrizione completa, descrizione dettagliata, testo?,
        descrizione prodotto, dettagli?
    """,
    "short_description": "descrizione breve, descrizione corta, riassunto, sottotitolo?",
    "brand_name": "marca, marchio, brand, nome marca, nome marchio",
    "manufacturer": "produttore, fabbricante, costruttore, casa produttrice, ditta?",
    "category": """
        categoria, categorie, famiglia, sottocategoria, sotto categoria, reparto, gruppo??, gruppo merceologico,
        tipologia?, tipo??, linea??, settore??, classe??, categoria merceologica, tipo prodotto?, sottofamiglia,
        collezione??
    """,
    "price": """
        prezzo, prezzo di vendita, prezzo vendita, prezzo al pubblico, prezzo pubblico, listino, prezzo listino,
        prezzo di listino, prezzo unitario, prezzo consigliato?, prezzo finale, pvp, prezzo base, prezzo al
        dettaglio
    """,
    "cost_price": """
        costo, prezzo di acquisto, prezzo acquisto, prezzo di costo, prezzo ingrosso, prezzo all'ingrosso, prezzo
        rivenditore, costo unitario, costo acquisto, prezzo netto rivenditore
    """,
    "sale_price": """
        prezzo scontato, prezzo offerta, prezzo promozionale, prezzo promo, prezzo speciale, prezzo in offerta,
        prezzo ribassato
    """,
    "currency": "valuta, divisa, moneta",
    "tax_rate": "iva, aliquota iva, aliquota, percentuale iva, cod iva?",
    "stock": """
        giacenza, giacenze, quantità?, quantità disponibile, disponibile?, esistenza, scorta, scorte, magazzino??,
        disponibilità??, disp?, qta, stock, quantità in magazzino, qtà, quantità magazzino
    """,
    "weight": "peso, peso netto, peso lordo, peso kg",
    "weight_unit": "unità di peso, unità peso",
    "length": "lunghezza, profondità",
    "width": "larghezza",
    "height": "altezza",
    "dimension_unit": "unità dimensioni, unità di lunghezza, unità dimensione",
    "image_url": """
        immagine, foto, url immagine, immagine principale, link immagine, foto principale, percorso immagine,
        immagine url
    """,
    "image_urls": "immagini, foto aggiuntive, immagini aggiuntive, galleria, altre immagini, url immagini",
    "url": "url, link, link prodotto, url prodotto, scheda prodotto, pagina prodotto, pagina web, collegamento?",
    "color": "colore, colori",
    "size": "taglia, misura?, numero scarpa",
    "material": "materiale, materiali, tessuto, composizione?",
    "gender": "genere, sesso",
    "country_of_origin": """
        paese di origine, origine, paese origine, paese di produzione, provenienza, made in, nazione origine,
        paese?
    """,
    "condition": "condizione, condizioni, stato prodotto",
    "availability": "disponibilità, stato magazzino, stato disponibilità",
    "is_active": "attivo, abilitato, pubblicato, visibile?, stato??, in vendita",
    "unit": "unità, unità di misura, um, u m, udm, unità di vendita, confezione??, unità misura",
    "product": "prodotto, prodotti, articolo, articoli, variante, principale, merce, sito, web",
    "glue": "di, del, della, dello, il, la, lo, i, le, gli, in, e, al, per, d, all, a, da",
    "tax": "iva, esclusa, inclusa, escl, incl, netto, lordo, senza, con, ivato, euro, eur, compresa, unitario",
    "other": """
        spedizione, consegna, trasporto, data, minimo, minima, massimo, vecchio, precedente, inizio, fine, sconto,
        percentuale, fornitore, ubicazione, scaffale, cartone, collo, colli, pallet, bancale, imballo, confezione,
        pezzi, etichetta, parole, chiave, tag, stato, tipo, lingua, padre, gruppo, posizione, video, documento,
        file, scheda, logo, ingredienti, allergeni, kilo, litro, misura, note, nota, commento, garanzia, stagione,
        anno, età, dogana, doganale, riservato, ordinato, margine, caratteristica, caratteristiche, attributo,
        scorta, arrivo, lotto
    """,
}
