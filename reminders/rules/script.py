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


def spoken(day: date) -> str:
    """« 28 février », « 1er mars »: as it is said aloud."""
    return f"{day.day}{'er' if day.day == 1 else ''} {MONTHS[day.month - 1]}"
