"""A French stationery wholesaler's range: makers by their GS1 company prefix, and what they make."""

from typing import NamedTuple


class Maker(NamedTuple):
    """A brand, its GS1 company prefix (7 digits of its GTIN-13s; 6 of a GTIN-12) and its country."""

    brand: str
    prefix: str
    country: str


MAKERS = [
    Maker("BIC", "3086123", "France"),
    Maker("Exacompta", "3130630", "France"),
    Maker("Maped", "3154140", "France"),
    Maker("Clairefontaine", "3329680", "France"),
    Maker("Conté", "3270220", "France"),
    Maker("Leitz", "4002432", "Allemagne"),
    Maker("Ravensburger", "4005556", "Allemagne"),
    Maker("Faber-Castell", "4005401", "Allemagne"),
    Maker("Stabilo", "4006381", "Allemagne"),
    Maker("Staedtler", "4007817", "Allemagne"),
    Maker("Giotto", "8000825", "Italie"),
    Maker("Fabriano", "8001348", "Italie"),
    Maker("Pilot", "4902505", "Japon"),
    Maker("Milan", "8411574", "Espagne"),
    Maker("Talens", "8712079", "Pays-Bas"),
    Maker("Caran d'Ache", "7610186", "Suisse"),
]

AMERICAN = Maker("Sharpie", "071641", "États-Unis")
"""Its codes are GTIN-12."""

ITEMS = [
    ("Stylo bille", "Écriture > Stylos"),
    ("Roller encre gel", "Écriture > Stylos"),
    ("Surligneur", "Écriture > Surligneurs"),
    ("Crayon graphite", "Écriture > Crayons"),
    ("Feutre pointe fine", "Écriture > Feutres"),
    ("Étui de 12 crayons de couleur", "Dessin > Crayons de couleur"),
    ("Tube de gouache", "Dessin > Peinture"),
    ("Bloc de papier aquarelle", "Dessin > Papier"),
    ("Cahier à spirale", "Papeterie > Cahiers"),
    ("Carnet à élastique", "Papeterie > Carnets"),
    ("Ramette de papier", "Papeterie > Papier"),
    ("Classeur à levier", "Classement > Classeurs"),
    ("Chemise à rabats", "Classement > Chemises"),
    ("Compas de précision", "Géométrie > Compas"),
    ("Règle en aluminium", "Géométrie > Règles"),
    ("Paire de ciseaux", "Fournitures > Ciseaux"),
    ("Bâton de colle", "Fournitures > Colle"),
    ("Gomme blanche", "Fournitures > Gommes"),
]

COLORS = ["bleu", "noir", "rouge", "vert", "violet", "jaune", "orange", "rose", "gris", "blanc"]
SIZES = ["A4", "A5", "0,5 mm", "0,7 mm", "20 cm", "21 g", "50 feuilles", "96 pages", "lot de 4", "grand modèle"]
EXTRAS = ["", " « École »", " – série pro", " œuvre d'art", " – édition limitée", " à 1 €"]
