"""Closed lists of words that cells hold, in lower case: currencies, units, flags, states."""


def _listed(text: str) -> frozenset[str]:
    return frozenset(word for entry in text.split(",") if (word := " ".join(entry.split())))


CURRENCIES = _listed("""
    aed, ars, aud, azn, bam, bdt, bgn, brl, byn, cad, chf, clp, cny, cop, crc, czk, dkk, dop, egp, eur, gbp,
    gel, ghs, gtq, hkd, hrk, huf, idr, ils, inr, isk, jpy, kes, krw, kwd, kzt, lbp, lkr, mad, mdl, mkd, mxn,
    myr, ngn, nok, nzd, pen, php, pkr, pln, pyg, qar, ron, rsd, rub, rur, sar, sek, sgd, thb, tnd, try, twd,
    uah, usd, uyu, uzs, vef, ves, vnd, xaf, xof, zar
""")
CURRENCY_WORDS = _listed("""
    zł, zl, kč, kc, kr, lei, leu, ft, лв, лева, руб, грн, р, тг, сум, din, дин, kn, rs, tk, tl, r$, rm, us$,
    a$, c$, euro, euros, ден, ευρώ, dh,
    dhs, fcfa, cfa, f cfa, da, dt, rp, ksh, tsh, birr, đ, vnđ, 円, 元, 원, fr, sfr, km, r, le, l.e, so'm, ₼
""")
CURRENCY_SIGNS = "$€£¥¢₹₽₺₴₪₩₫₱₦₡₵₸₼₾₲৳฿₨﷼₿"

WEIGHT_UNITS = _listed("""
    g, kg, mg, lb, lbs, oz, t, gr, grs, gram, grams, kilo, kilos, kilogram, kilograms, gramm, kilogramm,
    gramme, grammes, kilogramme, kilogrammes, pound, pounds, ounce, ounces, г, кг, гр, мг, т, грамм, γρ, κιλά,
    גרם, קג, ק״ג, kgm, grm
""")
LENGTH_UNITS = _listed("""
    mm, cm, dm, m, in, inch, inches, ft, yd, feet, meter, metre, millimeter, millimetre, centimeter,
    centimetre, мм, см, м, дм, ", ', mmt, cmt
""")
VOLUME_UNITS = _listed('l, ml, cl, dl, hl, ltr, litre, liter, litres, liters, мл, л, дл, fl.oz, m3, m³, ליטר, מ"ל, mlt')
OTHER_UNITS = _listed("w, kw, v, a, mah, wh, m2, m²")
SALE_UNITS = _listed("""
    pc, pcs, pce, pces, piece, pieces, each, ea, unit, units, set, sets, pair, pairs, pack, packs, box, boxes,
    ctn, carton, case, roll, rolls, kit, dozen, bottle, bag, tube, sheet, c62, h87, pr, pk, st, stk, stk.,
    stck, stück, stuk, stuks, paar, satz, rolle, karton, packung, flasche, dose, pièce, pièces, unité, unités,
    lot, paire, boîte, bouteille, u, un, ud, uds, und, unidad, unidades, pza, pieza, piezas, caja, par,
    unidade, peça, pz, pezzo, pezzi, conf, confezione, paio, szt, szt., sztuka, opak, op, para, kpl, kpl., ks,
    kus, balenie, balení, sada, pár, bal, buc, buc., bucata, bucată, bucăți, db, darab, csomag, kom, kom.,
    komad, kos, шт, шт., штука, штук, уп, уп., упаковка, упак, компл, комплект, пара, пар, наб, набор, бр,
    бр., τεμ, τεμ., τεμάχιο, τεμάχια, adet, yksikkö, kappale, tk, styk, styck, stykk, יחידה, יח', יחידות
""")
CONTENT_UNITS = WEIGHT_UNITS | VOLUME_UNITS

WORD_LISTS: dict[str, frozenset[str]] = {
    "currency": CURRENCIES | CURRENCY_WORDS | frozenset(CURRENCY_SIGNS) | {"руб.", "грн."},
    "weight_unit": WEIGHT_UNITS,
    "length_unit": LENGTH_UNITS,
    "content_unit": CONTENT_UNITS,
    "unit": CONTENT_UNITS | LENGTH_UNITS | OTHER_UNITS | SALE_UNITS,
    "boolean_word": _listed("""
        true, false, yes, no, y, n, t, f, on, off, oui, non, ja, nein, nee, sí, si, sì, sim, não, vrai, faux,
        wahr, falsch, tak, nie, ano, ne, áno, да, нет, так, ні, не, ναι, όχι, igen, nem, da, nu, kyllä, ei, jah,
        evet, hayır, כן, לא, x
    """),
    "boolean_digit": frozenset({"0", "1"}),
    "active": _listed("""
        active, inactive, enabled, disabled, published, draft, visible, hidden, archived, online, offline,
        publish, private, aktiv, inaktiv, actif, inactif, activo, inactivo, attivo, disattivo, ativo, inativo,
        aktywny, nieaktywny, aktivní, активен, неактивен, активний, unlisted
    """),
    "product_kind": _listed("""
        simple, configurable, virtual, bundle, grouped, downloadable, variable, variation, external, giftcard,
        physical, digital, parent, child, product, service
    """),
    "gender": _listed("""
        male, female, unisex, men, women, man, woman, boys, girls, boy, girl, kids, mens, womens, ladies, gents,
        men's, women's, m, f, u, w, herren, damen, kinder, jungen, mädchen, herr, dame, homme, femme, hommes,
        femmes, mixte, enfant, fille, garçon, hombre, mujer, uomo, donna, heren, dames, męskie, damskie, muži,
        ženy, női, férfi, herr, dam, kadın, erkek, женский, мужской, унисекс, чоловічий, жіночий, ανδρικά,
        γυναικεία
    """),
    "condition": _listed("""
        new, used, refurbished, neu, gebraucht, generalüberholt, neuf, occasion, reconditionné, nuevo, usado,
        nuovo, usato, novo, nieuw, gebruikt, nowy, używany, nový, nové, použité, nou, új, ny, yeni, новый, б/у,
        бу, новое, новий, new-other, newcondition, usedcondition, καινούργιο, νέο, like new, open box
    """),
    "availability": _listed("""
        in_stock, out_of_stock, instock, outofstock, preorder, pre-order, backorder, available, unavailable, in
        stock, out of stock, on backorder, onbackorder, on order, limited availability, low stock, discontinued,
        in_store, auf lager, lieferbar, sofort lieferbar, nicht lieferbar, nicht auf lager, en stock, rupture,
        disponible, indisponible, épuisé, agotado, disponibile, disponível, op voorraad, dostępny, niedostępny,
        skladem, na skladě, în stoc, на складе, под заказ, в наличии, нет в наличии, є в наявності, немає в
        наявності, в наявності, på lager, i lager, raktáron, na zalihi, διαθέσιμο, άμεσα διαθέσιμο, stokta,
        varastossa
    """),
}
"""The name of a kind of value, and its words."""
