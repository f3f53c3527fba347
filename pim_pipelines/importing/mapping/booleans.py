"""Yes and no in the languages of suppliers' files."""

import polars as pl

_YES = (
    "1 1.0 true t yes y on x ✓ ✔ active enabled available published publish visible online "
    "oui vrai o actif activé ja j wahr w aktiv si sí s sì verdadero cierto activo vero v attivo sim verdadeiro ativo "
    "tak prawda aktywny ano áno pravda aktivní aktívny igen igaz aktív da adevărat activ истина да активен "
    "так активний правда активный дійсно waar actief ja sand kyllä kylla tosi evet doğru aktif ναι ενεργό jah "
    "jā taip כן نعم"
    " 是 はい 예"
)
_NO = (
    "0 0.0 false f no n off ✗ ✘ inactive disabled unavailable unpublished draft hidden offline archived "
    "non faux inactif désactivé nein falsch inaktiv inactivo falso disattivo não nao inativo "
    "nie fałsz falsz nieaktywny ne nepravda neaktivní neaktívny nem hamis inaktív nu fals inactiv не ложь нет "
    "неактивен ні неактивний неактивный niet nee onwaar inactief nej falsk falskt ei epätosi hayır hayir yanlış pasif "
    "όχι οχι ανενεργό nē לא لا 否 いいえ 아니요"
)
_WORDS = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)


def read_booleans(cells: pl.Series) -> pl.Series:
    """Read a text column as booleans, whatever the case; null where a cell is blank or neither yes nor no."""
    words = pl.DataFrame({"word": list(_WORDS), "value": list(_WORDS.values())})
    folded = cells.str.to_lowercase().str.strip_chars(".! ")
    return folded.replace_strict(words["word"], words["value"], default=None, return_dtype=pl.Boolean)
