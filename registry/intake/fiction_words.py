"""The words of the fictional register, and the dice that draw them.

No word stands outside Windows-1252, so that the register can also be written the way old office software
does. The telephone numbers are those that the French regulator reserves for works of fiction; `.example`
is reserved by RFC 2606.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

TRADES = (
    "Assurances", "Cabinet", "Conseil", "Courtage", "Crédit", "Épargne", "Finance", "Gestion", "Groupe",
    "Patrimoine", "Prévoyance", "Protection", "Risques et Conseil", "Santé", "Solutions", "Sécurité",
)  # fmt: skip
PLACES = (
    "Alpes", "Armor", "Atlantique", "Bastille", "Boréal", "Bourgogne", "Cévennes", "Châtaigniers",
    "Côte d'Opale", "Étoile", "Forêt", "Horizon", "Île-aux-Moines", "Jura", "Littoral", "Lumière", "Océan",
    "Presqu'île", "Provence", "Pyrénées", "Rhône", "Ségur", "Val de Loire", "Vendôme",
)  # fmt: skip
SURNAMES = (
    "Aubépin", "Béranger", "Besançon", "Bœuf", "Boisséson", "Brûlé", "Clément", "Cœurdevey", "D'Haëne",
    "Da-Silva", "De La Ferté", "Delahaye", "Deschênes", "Dubois", "Dupré", "Estève", "Faÿ", "Ferré",
    "Fontaine", "Garçon", "Gaultier", "Gauthier", "Guénolé", "Hôte", "Izquierdo", "Jégou", "Kowalski",
    "L'Hermitte", "Le-Goff", "Lebœuf", "Lefèvre", "Lévêque", "Maçon", "Mathieu", "Maître", "Moreau",
    "Morin", "Müller", "N'Guyen", "Noël", "Olivié", "Perrin", "Pôtier", "Prévôt", "Quéméner", "Rousseau",
    "Roÿ", "Saïdi", "Sébastien", "Thévenet", "Traoré", "Urruty", "Vallée", "Villebœuf", "Weiß",
    "Xaintrailles", "Yildiz", "Zoppé",
)  # fmt: skip
FIRST_NAMES = (
    "Agnès", "Aïcha", "Anaïs", "André", "Benoît", "Camille", "Cédric", "Chloé", "Dominique", "Élodie",
    "Françoise", "François", "Gaëlle", "Hélène", "Inès", "Jean-Noël", "Jérôme", "Joël", "Léa", "Loïc",
    "Maëlys", "Marie-Thérèse", "Maxime", "Noémie", "Raphaël", "Rémi", "Solène", "Théo", "Yaëlle", "Zoé",
)  # fmt: skip
PATTERNS = (
    "{trade} {place} {surname}", "{place} {trade} {surname}", "{trade} {surname}-{second}",
    "{surname} & {second}", "{trade} {surname} {second} et Associés", "{surname} {place} {trade}",
)  # fmt: skip
COMPANY_FORMS = ("SARL", "SAS", "SASU", "EURL", "SA")
SOLE_TRADER = "EI"

STREETS = (
    "rue Victor-Hugo", "rue des Lilas", "rue de la République", "rue du Général-Leclerc",
    "avenue de la Gare", "place de l'Église", "boulevard Émile-Zola", "quai des Chênes", "allée du Château",
    "chemin de la Croix-Rouge", "impasse des Mûriers", "cours Gambetta",
)  # fmt: skip
TOWNS = (
    ("01000", "Bourg-en-Bresse"), ("06000", "Nice"), ("08000", "Charleville-Mézières"),
    ("13006", "Marseille"), ("20200", "Bastia"), ("2A004", "Ajaccio"), ("21000", "Dijon"),
    ("25000", "Besançon"), ("29200", "Brest"), ("31000", "Toulouse"), ("33000", "Bordeaux"),
    ("34000", "Montpellier"), ("35000", "Rennes"), ("38000", "Grenoble"), ("42000", "Saint-Étienne"),
    ("44000", "Nantes"), ("51100", "Reims"), ("57000", "Metz"), ("59800", "Lille"), ("64000", "Pau"),
    ("67000", "Strasbourg"), ("69003", "Lyon"), ("72000", "Le Mans"), ("75009", "Paris"),
    ("76000", "Rouen"), ("87000", "Limoges"), ("97110", "Pointe-à-Pitre"), ("97200", "Fort-de-France"),
    ("97300", "Cayenne"), ("97400", "Saint-Denis"),
)  # fmt: skip
PHONE_RANGES = ("019900", "026191", "035301", "046571", "053649")

INSURERS = (
    "Assurances Imaginaires SA", "Compagnie Générale d'Exemple", "Lloyd Exemplaire Europe",
    "Mutuelle Fictive du Centre",
)  # fmt: skip
GUARANTORS = ("Banque d'Exemple", "Caution Fictive SA", "Compagnie Exemplaire de Garantie")

_DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


class Dice:
    """The draws of one person: a hash of (seed, index), so that nobody's depend on who was drawn before."""

    __slots__ = ("_bits",)

    def __init__(self, seed: int, index: int) -> None:
        """Hold 512 bits, some 200 more than the draws of one person use up."""
        self._bits = int.from_bytes(blake2b(b"%d/%d" % (seed, index)).digest(), "big")

    def below(self, sides: int) -> int:
        """A number from 0 to `sides` - 1."""
        self._bits, face = divmod(self._bits, sides)
        return face

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        self._bits, face = divmod(self._bits, len(options))
        return options[face]


def company_name(dice: Dice) -> str:
    """A firm's name, such as `Courtage Étoile Lefèvre`; not unique, as in life."""
    return dice.pick(PATTERNS).format(
        trade=dice.pick(TRADES),
        place=dice.pick(PLACES),
        surname=dice.pick(SURNAMES),
        second=dice.pick(SURNAMES),
    )


def with_luhn_digit(digits: str) -> str:
    """Append the digit that makes a SIREN pass Luhn's check."""
    total = sum(map(_DOUBLED.__getitem__, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return f"{digits}{-total % 10}"
