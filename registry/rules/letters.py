"""What our letters say (removals, orders, unpaid fees): subject, paragraphs, legal ground. In French, as the law is.

Sources: CA R512-5, CMF R546-3 (suppression, radiation, letter); CRPA L121-1, L122-1 (observations before the decision);
CA L512-1, CMF L546-1 (the debtor of the fee is told, and has thirty days).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import Category
from registry.rules.french import NARROW, day_in_words
from registry.rules.labels import LabelledEnum
from registry.rules.removals import Ground

LEGAL_GROUNDS: dict[Category, str] = {
    Category.COA: "article R. 512-5 du code des assurances",
    Category.IOB: "article R. 546-3 du code monétaire et financier",
    Category.CIF: "article R. 546-3 du code monétaire et financier",
}


FEE_GROUNDS: dict[Category, str] = {
    Category.COA: "article L. 512-1 du code des assurances",
    Category.IOB: "article L. 546-1 du code monétaire et financier",
    Category.CIF: "article L. 546-1 du code monétaire et financier",
}


class LetterKind(LabelledEnum):
    """What a letter is; the first three are the steps of a case."""

    NOTICE = "NOTICE", "Avis préalable", "Prior notice"
    FORMAL = "FORMAL", "Mise en demeure", "Formal notice"
    LETTER = "LETTER", "Notification de décision", "Decision"
    ORDER = "ORDER", "Notification d’un ordre", "Order"
    FEE = "FEE", "Information de défaut de paiement", "Unpaid fee"


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a letter is about. `act` names the session or the order; `facts` says what is missing, line by line."""

    kind: LetterKind
    orias_number: str
    name: str
    categories: tuple[Category, ...]
    strikes_off: bool
    ground: Ground | None
    facts: tuple[str, ...]
    days: int
    act: str = ""
    decided_on: date | None = None
    effective_on: date | None = None
    is_suspension: bool = False
    fee_cents: int = 0
    year: int = 0


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's words; a paragraph that begins with a dash is an item of a list."""

    subject: str
    paragraphs: tuple[str, ...]


def address_lines(name: str, address: str, postcode: str, town: str) -> tuple[str, ...]:
    """The addressee as on the envelope: name, address lines, postcode and TOWN in capitals."""
    street = [line.strip() for line in address.splitlines()]
    return tuple(line for line in (name, *street, f"{postcode} {town.upper()}".strip()) if line)


def compose_letter(letter: LetterFacts) -> LetterText:
    """The words of a letter, without its recourse: that text is a setting, and comes after."""
    wording = {
        LetterKind.NOTICE: _notice,
        LetterKind.FORMAL: _formal,
        LetterKind.LETTER: _decision,
        LetterKind.ORDER: _order,
        LetterKind.FEE: _fee,
    }[letter.kind]
    return wording(letter)


def _what(letter: LetterFacts) -> str:
    names = " et ".join(f"{c.label} ({c})" for c in letter.categories)
    if letter.strikes_off:
        return f"radiation du registre (numéro ORIAS {letter.orias_number}, toutes inscriptions)"
    return f"suppression de l’inscription en qualité de {names} (numéro ORIAS {letter.orias_number})"


def _law(letter: LetterFacts) -> str:
    return " et ".join(sorted({LEGAL_GROUNDS[c] for c in letter.categories}))


def _missing(letter: LetterFacts) -> Iterable[str]:
    label = letter.ground.label if letter.ground else ""
    yield f"Motif\u00a0: {label}."
    yield from (f"- {line}" for line in letter.facts)


def _notice(letter: LetterFacts) -> LetterText:
    return LetterText(
        f"Avis préalable à une procédure de {_what(letter)}",
        (
            "Madame, Monsieur,",
            "L’examen de votre dossier fait apparaître qu’une condition de votre inscription n’est plus justifiée.",
            *_missing(letter),
            f"Vous pouvez régulariser votre dossier ou présenter vos observations. À défaut, après {letter.days} jours "
            f"une mise en demeure pourra vous être adressée ({_law(letter)}).",
            "Si vous avez régularisé votre dossier depuis, il n’y a rien à faire\u00a0: il est relu à chaque étape.",
        ),
    )


def _formal(letter: LetterFacts) -> LetterText:
    return LetterText(
        f"Mise en demeure avant {_what(letter)}",
        (
            "Madame, Monsieur,",
            "Malgré l’avis qui vous a été adressé, votre dossier n’a pas été régularisé.",
            *_missing(letter),
            f"Nous vous mettons en demeure de régulariser votre dossier dans un délai de {letter.days} jours à compter "
            "de l’envoi de cette lettre, ou de présenter dans ce délai vos observations écrites ou, sur votre demande, "
            "orales. Vous pouvez vous faire assister par un conseil.",
            f"À défaut, la commission d’immatriculation se prononcera sur la {_what(letter)} ({_law(letter)}).",
        ),
    )


def _decision(letter: LetterFacts) -> LetterText:
    on = f" du {day_in_words(letter.decided_on)}" if letter.decided_on else ""
    return LetterText(
        f"Décision de {_what(letter)}",
        (
            "Madame, Monsieur,",
            f"Par sa délibération {letter.act}{on}, la commission d’immatriculation a décidé votre {_what(letter)}, "
            f"en application de l’{_law(letter)}.",
            *_missing(letter),
            "La décision prend effet à sa publication au registre. Votre numéro vous reste acquis\u00a0: une nouvelle "
            "demande d’inscription peut être présentée à tout moment, dès que les conditions en sont réunies.",
        ),
    )


def _order(letter: LetterFacts) -> LetterText:
    effect = day_in_words(letter.effective_on) if letter.effective_on else ""
    what = _what(letter)
    if letter.is_suspension:
        what = what.replace("suppression de l’inscription", "suspension de l’inscription")
    return LetterText(
        f"Exécution d’un ordre\u00a0: {what}",
        (
            "Madame, Monsieur,",
            f"En exécution de l’acte {letter.act}, le registre a procédé à votre {what}, avec effet au {effect} "
            f"({_law(letter)}).",
            *(f"- {line}" for line in letter.facts),
            "Le registre exécute cet acte et ne peut ni le modifier ni le suspendre\u202f; aucune pièce déposée auprès "
            "de lui n’y met fin.",
        ),
    )


def _fee(letter: LetterFacts) -> LetterText:
    law = " et ".join(sorted({FEE_GROUNDS[c] for c in letter.categories}))
    names = " et ".join(f"{c.label} ({c})" for c in letter.categories)
    euros = f"{letter.fee_cents // 100},{letter.fee_cents % 100:02d}\u00a0€"
    return LetterText(
        f"Frais d’inscription {letter.year} non réglés (numéro ORIAS {letter.orias_number})",
        (
            "Madame, Monsieur,",
            f"Votre demande de renouvellement {letter.year} en qualité de {names} nous est parvenue. Les frais "
            f"d’inscription de {euros} qui l’accompagnent ne nous sont pas parvenus.",
            *(f"- {line}" for line in letter.facts),
            f"Le défaut de paiement dans un délai de {letter.days} jours à compter de cette information entraîne la "
            f"radiation du registre ({law}).",
            "Si vous avez réglé ces frais depuis, il n’y a rien à faire.",
        ),
    )


def number_in_words(kind: LetterKind, number: str) -> str:
    """« Mise en demeure n° 2027-000012 »."""
    return f"{kind.label} n°{NARROW}{number}"
