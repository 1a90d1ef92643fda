"""What a hotline agent reads aloud: one to three sentences, computed from the file and its last message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import CoverKind
from registry.rules.file_state import FileState, FileStatus, MissingItem
from reminders.rules.states import NoticeState

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_OF_KIND = {
    CoverKind.RC_PRO: "responsabilité civile professionnelle",
    CoverKind.FINANCIAL_GUARANTEE: "garantie financière",
}
_STANDS = {
    FileStatus.IN_ORDER: "Votre dossier est en règle\u00a0: rien ne vous est demandé.",
    FileStatus.UNDER_REVIEW: "Vos pièces sont arrivées, à nous de les contrôler\u00a0: vous n’avez rien à faire.",
    FileStatus.SUSPENDED: "Votre inscription est suspendue\u00a0: aucune pièce ne vous est demandée pour le moment.",
    FileStatus.NOT_YET_REGISTERED: "Votre inscription n’a pas encore pris effet\u00a0: rien ne vous est demandé.",
    FileStatus.MERGED: "Ce numéro est fusionné avec un autre\u00a0: c’est sous l’autre que votre dossier est suivi.",
    FileStatus.REMOVED: "Vous n’êtes plus inscrit au registre\u00a0: aucune pièce ne vous est demandée.",
}


_OF_KIND_EN = {
    CoverKind.RC_PRO: "professional indemnity insurance",
    CoverKind.FINANCIAL_GUARANTEE: "the financial guarantee",
}
_STANDS_EN = {
    FileStatus.IN_ORDER: "Your file is in order: nothing is asked of you.",
    FileStatus.UNDER_REVIEW: "Your papers have come, and it is for us to check them: you have nothing to do.",
    FileStatus.SUSPENDED: "Your registration is suspended: no paper is asked of you for now.",
    FileStatus.NOT_YET_REGISTERED: "Your registration has not taken effect yet: nothing is asked of you.",
    FileStatus.MERGED: "This number was merged into another: your file is kept under that one.",
    FileStatus.REMOVED: "You are not on the register any more: no paper is asked of you.",
}


@dataclass(frozen=True, slots=True)
class LastMail:
    """The last message that left or may have: on which local day, and whether it corrected another."""

    mailed_on: date
    state: NoticeState
    corrects: bool = False
    was_corrected: bool = False


def script(state: FileState, last: LastMail | None) -> tuple[str, ...]:
    """One to three sentences for the phone, where the file stands first; in French, the hotline's language."""
    return tuple(_sentences(state, last))


def _sentences(state: FileState, last: LastMail | None) -> Iterator[str]:
    yield _STANDS.get(state.status) or _asked(state.missing, late=state.status is FileStatus.OVERDUE)
    if last:
        yield _mail(last)
    if last and (last.corrects or last.was_corrected):
        return
    if state.missing:
        sent = "elles sont parties" if len(_kinds(state.missing)) > 1 else "elle est partie"
        yield f"Si {sent} depuis, vous n’avez rien à faire."
    elif last:
        yield "Ce message ne vous demande plus rien\u00a0: vous n’avez pas besoin d’y répondre."


def _asked(missing: Sequence[MissingItem], *, late: bool) -> str:
    kinds = _kinds(missing)
    s = "s" if len(kinds) > 1 else ""
    named = f"{'les attestations' if s else 'l’attestation'} {' et '.join(f'de {_OF_KIND[kind]}' for kind in kinds)}"
    days = sorted({item.due_on for item in missing if item.due_on})
    first = f", première échéance le {spoken(days[0])}" if len(days) > 1 else ""
    if late:
        since = first or (f" depuis le {spoken(days[0])}" if days else "")
        return f"Il nous manque encore {named}, attendue{s}{since}."
    by = first or (f" au plus tard le {spoken(days[0])}" if days else "")
    return f"Il nous manque {named}, à déposer{by}."


def _kinds(missing: Sequence[MissingItem]) -> list[CoverKind]:
    return list(dict.fromkeys(item.finding.kind for item in missing))


def _mail(last: LastMail) -> str:
    day = spoken(last.mailed_on)
    if last.corrects:
        return f"Le message du {day} rectifie le précédent\u00a0: c’est lui qui compte."
    if last.was_corrected:
        return f"Le message du {day} était une erreur de notre part, rectifiée depuis\u00a0: n’en tenez pas compte."
    left = "est peut-être parti" if last.state is NoticeState.UNCERTAIN else "vous a été envoyé"
    return f"Un rappel {left} le {day}, pour une pièce alors attendue."


def script_in_english(state: FileState, last: LastMail | None) -> tuple[str, ...]:
    """The same sentences for a caller who speaks English."""
    return tuple(_sentences_in_english(state, last))


def _sentences_in_english(state: FileState, last: LastMail | None) -> Iterator[str]:
    yield _STANDS_EN.get(state.status) or _asked_in_english(state.missing, late=state.status is FileStatus.OVERDUE)
    if last:
        yield _mail_in_english(last)
    if last and (last.corrects or last.was_corrected):
        return
    if state.missing:
        sent = "they have" if len(_kinds(state.missing)) > 1 else "it has"
        yield f"If {sent} left since, you have nothing to do."
    elif last:
        yield "That message asks nothing of you any more: you need not answer it."


def _asked_in_english(missing: Sequence[MissingItem], *, late: bool) -> str:
    kinds = _kinds(missing)
    named = f"the certificate{'s' if len(kinds) > 1 else ''} of {' and of '.join(_OF_KIND_EN[kind] for kind in kinds)}"
    days = sorted({item.due_on for item in missing if item.due_on})
    first = f", the first by {_in_english(days[0])}" if len(days) > 1 else ""
    if late:
        return f"We still miss {named}, expected{first or (f' since {_in_english(days[0])}' if days else '')}."
    return f"We miss {named}, to be deposited{first or (f' by {_in_english(days[0])}' if days else '')}."


def _mail_in_english(last: LastMail) -> str:
    day = _in_english(last.mailed_on)
    if last.corrects:
        return f"The message of {day} corrects the one before: it is the one that counts."
    if last.was_corrected:
        return f"The message of {day} was a mistake of ours, corrected since: take no notice of it."
    left = "may have been sent to you" if last.state is NoticeState.UNCERTAIN else "was sent to you"
    return f"A reminder {left} on {day}, about a paper expected then."


def _in_english(day: date) -> str:
    return f"{day.day} {MONTHS_EN[day.month - 1]}"


def spoken(day: date) -> str:
    """« 28 février », « 1er mars »: as it is said aloud."""
    return f"{day.day}{'er' if day.day == 1 else ''} {MONTHS[day.month - 1]}"
