"""How often languages use the letters that ASCII lacks: by these a file's encoding is told.

Shares are of a language's non-ASCII letters, rounded from counts of running text (a letter that is missing is rare).
A new encoding is a line in `ENCODINGS`, a new language a line in `LANGUAGES`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """An encoding, the languages written in it, and how much stronger its evidence must be (in nats)."""

    encoding: str
    languages: tuple[str, ...]
    handicap: float = 0.0


# Letter and share, one after another.
LANGUAGES: dict[str, str] = {
    "french": "é60 è12 à10 ê6 ç4 î2 ô3 û1.5 ù0.7 â2 ë0.8 ï0.8 œ2",
    "german": "ü34 ä30 ö20 ß16 é0.7",
    "spanish": "ó32 í22 á18 é11 ñ9 ú7 ü0.7",
    "catalan": "ó24 é22 à22 è12 í10 ç6 ú4 ò4 ï3 á1 ü1",
    "portuguese": "ã24 ç18 á13 é13 í9 ó8 õ6 ê6 ú4 â4 à3 ô2",
    "italian": "à34 è28 ù14 ò14 ì8 é6",
    "dutch": "ë45 é35 ï10 è4 ê2 ö2 ü2",
    "nordic": "ä24 ö18 å24 ø16 æ10 é2 ü1",
    "icelandic": "í14 á16 ð18 þ8 ó9 ö8 é7 æ8 ú6 ý3",
    "english": "é60 è6 ü8 ö6 ä4 ñ4 ç4 ê3 ï3 ô2",
    "polish": "ł22 ą12 ę13 ó13 ś10 ż14 ć8 ń6 ź2",
    "czech": "á16 í22 é11 ě12 ř9 š7 ý8 č8 ž8 ů6 ú1.5 ď0.5 ť0.6 ň0.6 ó0.6",
    "slovak": "á18 í12 č12 š9 ž9 ý11 é10 ľ5 ť6 ô3 ú8 ň2 ď1 ä1 ó1 ĺ0.3 ŕ0.3",
    "hungarian": "á28 é28 ö9 ó9 ő8 ü5 í6 ú4 ű2",
    "romanian": "ă40 â12 î14 ş18 ţ18 ș18 ț18",
    "south slavic": "š26 č30 ž22 ć14 đ8",
    "albanian": "ë85 ç14",
    "russian": (
        "о11 е8.5 а8 и7.4 н6.7 т6.3 с5.5 р4.7 в4.5 л4.4 к3.5 м3.2 д3 п2.8 у2.6 я2 ы1.9 ь1.7 г1.7 з1.6 б1.6 ч1.4 й1.2 "
        "х1 ж0.9 ш0.7 ю0.6 ц0.5 щ0.4 э0.3 ф0.3 ъ0.04 ё0.2"
    ),
    "ukrainian": (
        "о9.4 а8.3 и6.1 н6.7 і5.7 т5.3 в5.2 р4.7 е4.6 с4.2 к3.8 л3.8 у3.3 д3.1 м3 п2.8 я2.2 ь1.8 з2.2 г1.6 б1.7 ч1.2 "
        "й1.1 х1.2 ж0.7 ш0.7 ю0.8 ц0.8 є0.6 ї0.7 щ0.4 ф0.3 ґ0.02"
    ),
    "bulgarian": (
        "а12 о8.7 е8.7 и8.9 т7.5 н7.3 р5.1 с5 в4.5 л3.9 к3.6 д3.5 п2.9 м2.6 з2.2 я1.8 ъ1.7 г1.5 у1.5 б1.4 ч1.3 ц0.8 "
        "ж0.7 щ0.6 х0.6 й0.7 ш0.4 ф0.2 ю0.2 ь0.1"
    ),
    "serbian": (
        "а11.5 и9.9 о9.5 е8.9 н5.7 р4.9 с4.7 т4.5 ј4.7 у4.2 в3.8 к3.5 д3.6 л3 п2.9 м3.1 з1.7 г1.5 б1.4 ш0.9 ч0.9 ц0.7 "
        "ж0.6 њ0.6 ћ0.6 х0.6 љ0.5 ђ0.2 ф0.2 џ0.1"
    ),
    "greek": (
        "α10 ο8 ι7.5 ε6.5 τ8 σ4.5 ν6 η3.8 υ4 ρ4.3 π4.2 κ4 μ3.3 λ3 ς4 ω1.8 ό2 ί2.5 ά2.2 έ1.8 ή1.8 ύ1.2 ώ0.7 γ1.8 δ1.7 "
        "θ1.2 χ1.2 φ0.9 β0.7 ξ0.5 ζ0.4 ψ0.2"
    ),
    "turkish": "ı34 ü17 ş15 ç10 ğ10 ö8 İ4 â0.5 î0.2",
    "lithuanian": "ė22 š14 ų14 ž10 ū8 į7 ą8 č6 ę3",
    "latvian": "ā34 ī18 ē15 š9 ū5 ņ5 ļ4 ž2.5 ķ1.5 ģ1.2 č1",
    "estonian": "ä38 õ28 ü22 ö10 š0.6 ž0.4",
    "hebrew": (
        "י11 ה10.5 ו10 ל7.5 א6.5 ר5.7 ת5 ב4.8 מ4.6 ש4.4 נ3.2 ד2.6 ע3 ק2.1 פ1.7 ח2.5 כ2.4 ם3 ט1.3 צ1.2 ז1.3 ג1.2 ס1.5 "
        "ן1.1 ך0.8 ף0.3 ץ0.2"
    ),
    "arabic": (
        "ا13 ل11 ي7 م6 و6 ن6 ر5 ت5 ب4 ة4 ع4 د3.5 س3 ف3 ه4 ك2.5 ق2.4 ح2 ج1.7 ش1.2 ص1 ط1 خ1 ض0.7 ذ0.6 ز0.7 ث0.5 غ0.4 "
        "ظ0.2 أ2 إ0.9 ى0.8 ئ0.3 ء0.3 آ0.2"
    ),
}

_WESTERN = (
    "french", "german", "spanish", "catalan", "portuguese", "italian", "dutch", "nordic", "icelandic", "english",
    "albanian", "estonian",
)  # fmt: skip
_CENTRAL = ("polish", "czech", "slovak", "hungarian", "romanian", "south slavic", "german", "albanian")
_CYRILLIC = ("russian", "ukrainian", "bulgarian", "serbian")

# Where two read a text alike, the first one is named.
ENCODINGS: tuple[Candidate, ...] = (
    Candidate("cp1252", _WESTERN),
    Candidate("cp1250", _CENTRAL, 1.0),
    Candidate("cp1251", _CYRILLIC, 0.5),
    Candidate("cp1253", ("greek",), 1.5),
    Candidate("cp1254", ("turkish",), 1.5),
    Candidate("cp1257", ("lithuanian", "latvian", "estonian"), 2.5),
    Candidate("cp1255", ("hebrew",), 3.0),
    Candidate("cp1256", ("arabic",), 3.0),
    Candidate("iso8859-2", _CENTRAL, 2.0),
    Candidate("iso8859-15", _WESTERN, 3.0),
    Candidate("iso8859-7", ("greek",), 3.0),
    Candidate("mac-roman", _WESTERN, 5.0),
    Candidate("cp850", _WESTERN, 4.5),
    Candidate("cp852", _CENTRAL, 4.5),
    Candidate("cp866", ("russian", "bulgarian"), 4.5),
)

# What product lists have beside letters, in shares of all non-ASCII characters.
SYMBOLS: dict[str, float] = {
    "°": 0.03, "®": 0.03, "™": 0.02, "€": 0.03, "£": 0.01, "©": 0.01, "–": 0.02, "—": 0.01, "’": 0.03, "‘": 0.005,
    "“": 0.01, "”": 0.01, "„": 0.005, "…": 0.005, "•": 0.005, "½": 0.005, "¼": 0.003, "¾": 0.003, "²": 0.01,
    "³": 0.01, "µ": 0.003, "±": 0.003, "×": 0.01, "÷": 0.001, "\u00a0": 0.03, "«": 0.01, "»": 0.01, "§": 0.001,
    "¿": 0.003, "¡": 0.003, "º": 0.01, "ª": 0.003, "·": 0.002,
    "´": 0.003, "¨": 0.0005, "№": 0.01, "‰": 0.001, "Ø": 0.01,
    "\u00ad": 0.001, "¤": 0.0001,
}  # fmt: skip
