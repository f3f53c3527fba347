"""Romanian."""

WORDS: dict[str, str] = {
    "ean": "cod de bare, cod bare, ean, cod ean, gtin, coduri de bare?",
    "sku": """
        cod?, cod produs, cod articol, referință?, cod intern, sku, cod catalog, cod de produs, cod marfă, id
        produs?, număr articol
    """,
    "supplier_sku": "cod furnizor, cod produs furnizor, referință furnizor",
    "mpn": "cod producător, cod fabricant, part number, model?, cod produs producător",
    "title": """
        titlu, nume?, nume produs, denumire, denumire produs, denumirea produsului, produs?, denumire articol,
        titlu produs, denumire comercială
    """,
    "description": "descriere, descriere produs, descriere lungă, descriere completă, descriere detaliată, text?",
    "short_description": "descriere scurtă, rezumat",
    "brand_name": "marcă, brand, marca",
    "manufacturer": "producător, fabricant, nume producător",
    "category": """
        categorie, categorii, grupă?, subcategorie, familie??, tip??, tip produs?, gamă??, raion, clasă??,
        categorie produs, grupa de produse, departament?
    """,
    "price": """
        preț, pret, preț de vânzare, preț vânzare, preț cu tva, preț fără tva, preț unitar, preț recomandat?, preț
        listă, preț final, prp?, preț întreg
    """,
    "cost_price": """
        preț achiziție, preț de achiziție, preț angro, cost, preț furnizor, preț en gros, preț intrare, preț
        revânzător
    """,
    "sale_price": "preț promoțional, preț redus, preț special, preț promo, preț cu reducere, preț promoție",
    "currency": "monedă, valută, moneda",
    "tax_rate": "tva, cotă tva, cota tva, procent tva",
    "stock": """
        stoc, cantitate?, cantitate disponibilă, stoc disponibil, disponibil??, în stoc??, disponibilitate??,
        bucăți?, cantitate stoc
    """,
    "weight": "greutate, greutate netă, greutate brută, masă?, greutate kg",
    "weight_unit": "unitate greutate, unitate de greutate",
    "length": "lungime, adâncime",
    "width": "lățime",
    "height": "înălțime",
    "dimension_unit": "unitate dimensiuni, unitate lungime",
    "image_url": "imagine, poză, fotografie, url imagine, imagine principală, link imagine, poza, foto, imaginea",
    "image_urls": "imagini, poze, imagini suplimentare, galerie, alte imagini, imagini secundare",
    "url": "url, link, link produs, url produs, adresă web, pagină produs",
    "color": "culoare, culori",
    "size": "mărime, măsură?",
    "material": "material, compoziție?, materiale",
    "gender": "gen, sex",
    "country_of_origin": "țară de origine, țara de origine, origine, țară origine, țara de fabricație, țară?, tara?",
    "condition": "condiție, stare produs, stare??",
    "availability": "disponibilitate, status stoc, stare stoc",
    "is_active": "activ, publicat, vizibil?, status??",
    "unit": "unitate, unitate de măsură, um, u m, unitate măsură",
    "product": "produs, produse, produsului, articol, articole, variantă, principal, principală, marfă, magazin",
    "glue": "de, al, a, la, în, din, și, cu, pe, pentru",
    "tax": "tva, fără, cu, net, brut, lei, ron, inclus, eur, unitar",
    "other": """
        livrare, transport, data, minim, minimă, maxim, vechi, anterior, de la, reducere, procent, furnizor,
        cutie, palet, bax, ambalaj, etichetă, etichete, cuvinte, cheie, status, tip, limbă, părinte, poziție,
        video, document, fișier, logo, ingrediente, alergeni, kg, litru, măsură, observații, notă, garanție,
        sezon, an, vârstă, vamal, rezervat, marjă, caracteristică, caracteristici, atribut, atribute, lot,
        depozit, termen
    """,
}
