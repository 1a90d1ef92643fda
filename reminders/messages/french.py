"""The reminder in French. No-break spaces (U+00A0) stand before : ; ? and after n°."""

from datetime import date

from registry.rules.categories import CoverKind
from registry.rules.covers import CoverState
from registry.rules.french import day_in_words
from reminders.messages.content import Content, ItemLine, Letterhead, ReceivedLine, ReminderContent
from reminders.messages.wording import day_after, deadline_of, enumerate_categories, is_late

NBSP = "\u00a0"
COUNTS = ("", "une attestation", "deux attestations", "trois attestations", "quatre attestations")

SHORT_TITLES = {
    CoverKind.RC_PRO: "attestation RC Pro",
    CoverKind.FINANCIAL_GUARANTEE: "attestation de garantie financière",
}
TITLES = {
    CoverKind.RC_PRO: "Attestation d’assurance de responsabilité civile professionnelle (RC Pro)",
    CoverKind.FINANCIAL_GUARANTEE: "Attestation de garantie financière",
}
RECEIVED_TITLES = {
    CoverKind.RC_PRO: "Responsabilité civile professionnelle (RC Pro)",
    CoverKind.FINANCIAL_GUARANTEE: "Garantie financière",
}
OUTCOMES = {
    "AWAITING_REVIEW": "elle est en cours d’examen",
    "ACCEPTED": "elle est acceptée",
    "RETURNED": "elle vous est renvoyée pour correction, le motif figure dans votre dossier",
    "REFUSED": "elle n’a pas pu être retenue, le motif figure dans votre dossier",
}


class French:
    """See ``Wording``."""

    def subject(self, content: ReminderContent) -> str:
        """« Dossier n° 07001234 : attestation RC Pro à déposer au plus tard le 28 février 2026 »."""
        what = SHORT_TITLES[content.items[0].kind] if len(content.items) == 1 else _count(len(content.items))
        return f"Dossier n°{NBSP}{content.orias_number}{NBSP}: {what} {_when(content)}"

    def greeting(self) -> str:
        """« Bonjour, »."""
        return "Bonjour,"

    def opening(self, content: ReminderContent) -> str:
        """« Il manque une attestation à votre dossier n° 07001234 (Cabinet Martin) : »."""
        still = "encore " if is_late(content) else ""
        file = f"dossier n°{NBSP}{content.orias_number} ({content.name})"
        return f"Il manque {still}{_count(len(content.items))} à votre {file}{NBSP}:"

    def item_title(self, item: ItemLine) -> str:
        """« Attestation de garantie financière, catégories COA et IOBSP »."""
        word = "catégorie" if len(item.categories) == 1 else "catégories"
        return f"{TITLES[item.kind]}, {word} {enumerate_categories(item.categories, 'et')}"

    def item_facts(self, item: ItemLine) -> str:
        """« À déposer au plus tard le … La couverture actuelle court jusqu’au … »."""
        due_on = day_in_words(item.due_on)
        deadline = (
            f"Elle était attendue au plus tard le {due_on}." if item.overdue else f"À déposer au plus tard le {due_on}."
        )
        return f"{deadline} {_cover(item)}"

    def received_heading(self) -> str:
        """« Nous avons bien reçu : »."""
        return f"Nous avons bien reçu{NBSP}:"

    def received(self, line: ReceivedLine) -> str:
        """« Garantie financière, COA : attestation reçue le … ; elle est acceptée. »."""
        title = f"{RECEIVED_TITLES[line.kind]}, {enumerate_categories(line.categories, 'et')}{NBSP}:"
        until = (
            f" et couvre jusqu’au {day_in_words(line.until)} inclus" if line.status == "ACCEPTED" and line.until else ""
        )
        received_on = f"attestation reçue le {day_in_words(line.received_on)}"
        return f"{title} {received_on}{NBSP}; {OUTCOMES[line.status]}{until}."

    def reassurance(self, content: Content) -> str:
        """« Si vous avez déposé votre attestation depuis, vous n’avez rien à faire. »."""
        several = len(content.items) > 1
        done = "vos attestations" if several else "votre attestation"
        calm = f"Si vous avez déposé {done} depuis, vous n’avez rien à faire."
        if not is_late(content):
            return calm
        act = f"Sinon, merci de {'les' if several else 'la'} déposer dès que possible."
        return f"{calm} {act} Ce message n’est pas une décision et ne change rien à votre inscription."

    def file_link(self) -> str:
        """Name the link to the file."""
        return "Voir votre dossier et déposer une attestation"

    def why_question(self) -> str:
        """Name the link to the explanation of this message."""
        return f"Pourquoi ce message{NBSP}?"

    def why_link(self) -> str:
        """Name the same link; there one can also say that the message is wrong."""
        return f"{self.why_question()} Si votre dossier est déjà complet, dites-le sur cette page{NBSP}:"

    def footer(self, content: Content, letterhead: Letterhead, reply_to: str) -> str:
        """Say who sends this, to which address, and where an answer goes."""
        return (
            f"Message automatique lié à votre inscription au registre, envoyé par {letterhead.site_name} "
            f"à {content.email.strip()}. Pour nous écrire{NBSP}: {reply_to}."
        )


def _when(content: ReminderContent) -> str:
    """« à déposer au plus tard le … », « non reçues au … », « attendues, dont une non reçue au … »."""
    deadline, several = deadline_of(content), len(content.items)
    day = day_in_words(deadline.day)
    if not deadline.late:
        first = "" if deadline.alike else ", la première"
        return f"à déposer{first} au plus tard le {day}"
    if deadline.late == several:
        return f"{'non reçue' if several == 1 else 'non reçues'} au {day}"
    return (
        f"attendues, dont {'une non reçue' if deadline.late == 1 else f'{_number(deadline.late)} non reçues'} au {day}"
    )


def _number(count: int) -> str:
    return _count(count).split()[0]


def _count(count: int) -> str:
    return COUNTS[count] if count < len(COUNTS) else f"{count} attestations"


def _cover(item: ItemLine) -> str:
    match item.state:
        case CoverState.DUE | CoverState.LAPSED if item.term is not None:
            return _renewal(item.state, item.term)
        case CoverState.BELOW_MINIMUM:
            return (
                "Les montants de l’attestation reçue sont inférieurs au minimum réglementaire"
                f"{NBSP}: il nous faut une attestation rectifiée."
            )
    return "Aucune attestation en cours de validité ne figure au dossier."


def _renewal(state: str, term: date) -> str:
    last, following = day_in_words(term), day_in_words(day_after(term))
    if state == CoverState.LAPSED:
        return (
            f"La dernière couverture connue a pris fin le {last}{NBSP}; la nouvelle attestation doit "
            f"couvrir, sans interruption, la période à partir du {following}."
        )
    return (
        f"La couverture actuelle court jusqu’au {last} inclus{NBSP}; la nouvelle attestation doit couvrir la "
        f"période à partir du {following}."
    )
