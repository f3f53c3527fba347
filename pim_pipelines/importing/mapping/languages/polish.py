"""Polish."""

WORDS: dict[str, str] = {
    "ean": "kod kreskowy, ean, kod ean, gtin, kod paskowy, numer ean, kody ean?, kod ean13",
    "sku": """
        symbol, indeks, kod produktu, kod towaru, numer katalogowy, nr katalogowy, kod?, sku, numer artykułu, kod
        artykułu, indeks handlowy, nr artykułu, index?, symbol produktu, kod wewnętrzny, nr kat, id produktu?,
        numer??, kod magazynowy, referencja?, id towaru?
    """,
    "supplier_sku": "kod dostawcy, symbol dostawcy, indeks dostawcy, kod towaru dostawcy",
    "mpn": """
        kod producenta, numer producenta, symbol producenta, nr producenta, numer katalogowy producenta, nr kat
        producenta, indeks producenta, model?
    """,
    "title": """
        nazwa?, nazwa produktu, nazwa towaru, tytuł, nazwa artykułu, produkt?, towar?, tytuł produktu, nazwa
        handlowa, nazwa pełna
    """,
    "description": """
        opis, opis produktu, pełny opis, długi opis, opis długi, opis towaru, opis szczegółowy, treść?, opis html,
        opis pełny
    """,
    "short_description": "krótki opis, opis skrócony, skrócony opis, opis krótki",
    "brand_name": "marka, nazwa marki",
    "manufacturer": "producent, wytwórca, nazwa producenta, firma??",
    "category": """
        kategoria, kategorie, grupa?, grupa towarowa, podkategoria, grupa produktów, dział?, typ??, rodzaj?,
        kategoria produktu, ścieżka kategorii, asortyment??, kolekcja??, grupa asortymentowa, nazwa kategorii
    """,
    "price": """
        cena, cena brutto, cena netto, cena sprzedaży, cena detaliczna, cena katalogowa, cena jednostkowa,
        sugerowana cena detaliczna?, scd?, cena sugerowana?, cena regularna, cena det, cena podstawowa, cena
        sklepowa
    """,
    "cost_price": """
        cena zakupu, cena hurtowa, cena hurt, cena zakupu netto, koszt, cena dla partnera, hurt netto?, hurt?,
        cena nabycia, cena b2b
    """,
    "sale_price": "cena promocyjna, cena promocja, cena specjalna, cena po rabacie, cena obniżona, promocyjna cena",
    "currency": "waluta, kod waluty",
    "tax_rate": "vat, stawka vat, podatek, stawka podatku, podatek vat",
    "stock": """
        stan, stan magazynowy, ilość?, dostępna ilość, ilość dostępna, magazyn??, liczba sztuk, stany?, zapas,
        ilość sztuk, dostępność??, stan mag, na stanie, sztuk?
    """,
    "weight": "waga, masa, waga netto, waga brutto, masa netto, masa brutto, waga kg, ciężar",
    "weight_unit": "jednostka wagi, jednostka masy",
    "length": "długość, głębokość",
    "width": "szerokość",
    "height": "wysokość",
    "dimension_unit": "jednostka wymiarów, jednostka długości, jednostka wymiaru",
    "image_url": """
        zdjęcie, obraz, zdjęcie główne, url zdjęcia, link do zdjęcia, grafika?, obrazek, adres zdjęcia,
        miniatura?, foto, zdjęcie url, fotografia
    """,
    "image_urls": """
        zdjęcia, obrazy, dodatkowe zdjęcia, galeria, linki do zdjęć, pozostałe zdjęcia, zdjęcia dodatkowe, obrazki
    """,
    "url": "url, adres url, link, link do produktu, strona produktu, adres strony, odnośnik, adres www",
    "color": "kolor, barwa, kolory",
    "size": "rozmiar, numer buta",
    "material": "materiał, tkanina, skład?, tworzywo, materiały, surowiec",
    "gender": "płeć",
    "country_of_origin": "kraj pochodzenia, pochodzenie, kraj produkcji, kraj?, kraj wytworzenia, wyprodukowano w",
    "condition": "stan produktu, kondycja, stan towaru??",
    "availability": "dostępność, status dostępności, stan dostępności",
    "is_active": "aktywny, aktywna, widoczny?, opublikowany, status??, włączony, w sprzedaży",
    "unit": "jednostka, jednostka miary, jm, j m, jedn, jednostka sprzedaży, jedn miary, opakowanie??",
    "product": """
        produkt, produktu, produkty, produktów, towar, towaru, towary, artykuł, artykułu, wariant, wariantu,
        główny, główna, główne, sklepu
    """,
    "glue": "do, na, w, z, i, dla, o, za, po",
    "tax": "netto, brutto, vat, bez, z, pln, zł, detal, szt, podatkiem, podatku",
    "other": """
        dostawa, dostawy, dostawca, dostawcy, wysyłka, wysyłki, przesyłka, data, czas, minimalna, minimalny, min,
        maks, stara, stary, poprzednia, przekreślona, przed, od, rabat, procent, karton, kartonie, paleta,
        opakowaniu, zbiorcze, zbiorczego, etykieta, tagi, słowa, kluczowe, status, typ, język, nadrzędny, pozycja,
        wideo, dokument, plik, logo, składniki, alergeny, kg, kilogram, litr, miary, uwagi, uwaga, komentarz,
        gwarancja, sezon, rok, wiek, cło, cn, rezerwacja, zamówione, marża, cecha, cechy, atrybut, parametr,
        parametry, lokalizacja, grupy
    """,
}
