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


LANGUAGES: dict[str, dict[str, float]] = {
    "french": dict(é=60, è=12, à=10, ê=6, ç=4, î=2, ô=3, û=1.5, ù=0.7, â=2, ë=0.8, ï=0.8, œ=2),
    "german": dict(ü=34, ä=30, ö=20, ß=16, é=0.7),
    "spanish": dict(ó=32, í=22, á=18, é=11, ñ=9, ú=7, ü=0.7),
    "catalan": dict(ó=24, é=22, à=22, è=12, í=10, ç=6, ú=4, ò=4, ï=3, á=1, ü=1),
    "portuguese": dict(ã=24, ç=18, á=13, é=13, í=9, ó=8, õ=6, ê=6, ú=4, â=4, à=3, ô=2),
    "italian": dict(à=34, è=28, ù=14, ò=14, ì=8, é=6),
    "dutch": dict(ë=45, é=35, ï=10, è=4, ê=2, ö=2, ü=2),
    "nordic": dict(ä=24, ö=18, å=24, ø=16, æ=10, é=2, ü=1),
    "icelandic": dict(í=14, á=16, ð=18, þ=8, ó=9, ö=8, é=7, æ=8, ú=6, ý=3),
    "english": dict(é=60, è=6, ü=8, ö=6, ä=4, ñ=4, ç=4, ê=3, ï=3, ô=2),
    "polish": dict(ł=22, ą=12, ę=13, ó=13, ś=10, ż=14, ć=8, ń=6, ź=2),
    "czech": dict(á=16, í=22, é=11, ě=12, ř=9, š=7, ý=8, č=8, ž=8, ů=6, ú=1.5, ď=0.5, ť=0.6, ň=0.6, ó=0.6),
    "slovak": dict(á=18, í=12, č=12, š=9, ž=9, ý=11, é=10, ľ=5, ť=6, ô=3, ú=8, ň=2, ď=1, ä=1, ó=1, ĺ=0.3, ŕ=0.3),
    "hungarian": dict(á=28, é=28, ö=9, ó=9, ő=8, ü=5, í=6, ú=4, ű=2),
    "romanian": dict(ă=40, â=12, î=14, ş=18, ţ=18, ș=18, ț=18),
    "south slavic": dict(š=26, č=30, ž=22, ć=14, đ=8),
    "albanian": dict(ë=85, ç=14),
    "russian": dict(
        о=11, е=8.5, а=8, и=7.4, н=6.7, т=6.3, с=5.5, р=4.7, в=4.5, л=4.4, к=3.5, м=3.2, д=3, п=2.8, у=2.6, я=2,
        ы=1.9, ь=1.7, г=1.7, з=1.6, б=1.6, ч=1.4, й=1.2, х=1, ж=0.9, ш=0.7, ю=0.6, ц=0.5, щ=0.4, э=0.3, ф=0.3,
        ъ=0.04, ё=0.2,
    ),
    "ukrainian": dict(
        о=9.4, а=8.3, и=6.1, н=6.7, і=5.7, т=5.3, в=5.2, р=4.7, е=4.6, с=4.2, к=3.8, л=3.8, у=3.3, д=3.1, м=3, п=2.8,
        я=2.2, ь=1.8, з=2.2, г=1.6, б=1.7, ч=1.2, й=1.1, х=1.2, ж=0.7, ш=0.7, ю=0.8, ц=0.8, є=0.6, ї=0.7, щ=0.4,
        ф=0.3, ґ=0.02,
    ),
    "bulgarian": dict(
        а=12, о=8.7, е=8.7, и=8.9, т=7.5, н=7.3, р=5.1, с=5, в=4.5, л=3.9, к=3.6, д=3.5, п=2.9, м=2.6, з=2.2, я=1.8,
        ъ=1.7, г=1.5, у=1.5, б=1.4, ч=1.3, ц=0.8, ж=0.7, щ=0.6, х=0.6, й=0.7, ш=0.4, ф=0.2, ю=0.2, ь=0.1,
    ),
    "serbian": dict(
        а=11.5, и=9.9, о=9.5, е=8.9, н=5.7, р=4.9, с=4.7, т=4.5, ј=4.7, у=4.2, в=3.8, к=3.5, д=3.6, л=3, п=2.9, м=3.1,
        з=1.7, г=1.5, б=1.4, ш=0.9, ч=0.9, ц=0.7, ж=0.6, њ=0.6, ћ=0.6, х=0.6, љ=0.5, ђ=0.2, ф=0.2, џ=0.1,
    ),
    "greek": dict(
        α=10, ο=8, ι=7.5, ε=6.5, τ=8, σ=4.5, ν=6, η=3.8, υ=4, ρ=4.3, π=4.2, κ=4, μ=3.3, λ=3, ς=4, ω=1.8, ό=2, ί=2.5,
        ά=2.2, έ=1.8, ή=1.8, ύ=1.2, ώ=0.7, γ=1.8, δ=1.7, θ=1.2, χ=1.2, φ=0.9, β=0.7, ξ=0.5, ζ=0.4, ψ=0.2,
    ),
    "turkish": dict(ı=34, ü=17, ş=15, ç=10, ğ=10, ö=8, İ=4, â=0.5, î=0.2),
    "lithuanian": dict(ė=22, š=14, ų=14, ž=10, ū=8, į=7, ą=8, č=6, ę=3),
    "latvian": dict(ā=34, ī=18, ē=15, š=9, ū=5, ņ=5, ļ=4, ž=2.5, ķ=1.5, ģ=1.2, č=1),
    "estonian": dict(ä=38, õ=28, ü=22, ö=10, š=0.6, ž=0.4),
    "hebrew": dict(
        י=11, ה=10.5, ו=10, ל=7.5, א=6.5, ר=5.7, ת=5, ב=4.8, מ=4.6, ש=4.4, נ=3.2, ד=2.6, ע=3, ק=2.1, פ=1.7, ח=2.5,
        כ=2.4, ם=3, ט=1.3, צ=1.2, ז=1.3, ג=1.2, ס=1.5, ן=1.1, ך=0.8, ף=0.3, ץ=0.2,
    ),
    "arabic": dict(
        ا=13, ل=11, ي=7, م=6, و=6, ن=6, ر=5, ت=5, ب=4, ة=4, ع=4, د=3.5, س=3, ف=3, ه=4, ك=2.5, ق=2.4, ح=2, ج=1.7,
        ش=1.2, ص=1, ط=1, خ=1, ض=0.7, ذ=0.6, ز=0.7, ث=0.5, غ=0.4, ظ=0.2, أ=2, إ=0.9, ى=0.8, ئ=0.3, ء=0.3, آ=0.2,
    ),
}  # fmt: skip

_WESTERN = (
    "french", "german", "spanish", "catalan", "portuguese", "italian", "dutch", "nordic", "icelandic", "english",
    "albanian", "estonian",
)  # fmt: skip
_CENTRAL = ("polish", "czech", "slovak", "hungarian", "romanian", "south slavic", "german", "albanian")
_CYRILLIC = ("russian", "ukrainian", "bulgarian", "serbian")

# Where two read a text alike, the first one is named.
ENCODINGS: tuple[Candidate, ...] = (
    Candidate("cp1252", _WESTERN),
    Candidate("cp1250", _CENTRAL, 0.5),
    Candidate("cp1251", _CYRILLIC, 0.5),
    Candidate("cp1253", ("greek",), 1.5),
    Candidate("cp1254", ("turkish",), 1.5),
    Candidate("cp1257", ("lithuanian", "latvian", "estonian"), 2.5),
    Candidate("cp1255", ("hebrew",), 3.0),
    Candidate("cp1256", ("arabic",), 3.0),
    Candidate("iso8859-2", _CENTRAL, 3.0),
    Candidate("iso8859-15", _WESTERN, 3.0),
    Candidate("iso8859-7", ("greek",), 3.0),
    Candidate("koi8-u", ("russian", "ukrainian"), 4.0),
    Candidate("mac-roman", _WESTERN, 4.0),
    Candidate("cp850", _WESTERN, 4.5),
    Candidate("cp852", _CENTRAL, 4.5),
    Candidate("cp866", ("russian", "bulgarian"), 4.5),
)

# What product lists have beside letters, in shares of all non-ASCII characters.
SYMBOLS: dict[str, float] = {
    "°": 0.03, "®": 0.03, "™": 0.02, "€": 0.03, "£": 0.01, "©": 0.01, "–": 0.02, "—": 0.01, "’": 0.03, "‘": 0.005,
    "“": 0.01, "”": 0.01, "„": 0.005, "…": 0.005, "•": 0.005, "½": 0.005, "¼": 0.003, "¾": 0.003, "²": 0.01,
    "³": 0.01, "µ": 0.003, "±": 0.003, "×": 0.01, "÷": 0.001, "\u00a0": 0.03, "«": 0.01, "»": 0.01, "§": 0.001, "¿": 0.003,
    "¡": 0.003, "º": 0.01, "ª": 0.003, "·": 0.002, "´": 0.003, "¨": 0.0005, "№": 0.01, "‰": 0.001, "Ø": 0.01,
    "\u00ad": 0.001, "¤": 0.0001,
}  # fmt: skip
