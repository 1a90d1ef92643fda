"""What a hotline agent reads aloud: one to three sentences, computed from the file and its last message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registry.rules import english, french
from registry.rules.categories import CoverKind
from registry.rules.file_state import FileState, FileStatus
from reminders.rules.states import NoticeState


@dataclass(frozen=True, slots=True)
class LastMail:
    """The last message that left or may have: on which local day, and whether it corrected another."""

    mailed_on: date
    state: NoticeState
    corrects: bool = False
    was_corrected: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The papers that are missing: of which kinds, by which local day the first, and whether all by that one."""

    kinds: tuple[CoverKind, ...]
    first: date | None
    alike: bool
    late: bool

    @property
    def several(self) -> bool:
        """Whether they are spoken of in the plural."""
        return len(self.kinds) > 1


class Tongue(Protocol):
    """The sentences in one language."""

    stands: Mapping[FileStatus, str]
    """Of a file that nothing is missing from."""
    answered: str
    """Of a message that asked for what is there by now."""

    def asked(self, asked: Asked) -> str:
        """Name what is missing, and by when or since when."""

    def left_since(self, asked: Asked) -> str:
        """Say that there is nothing to do for who has sent it."""

    def mail(self, last: LastMail) -> str:
        """Say what the last message was."""


def script(state: FileState, last: LastMail | None, tongue: Tongue) -> tuple[str, ...]:
    """One to three sentences for the phone, where the file stands first."""
    return tuple(_sentences(state, last, tongue))


def _sentences(state: FileState, last: LastMail | None, tongue: Tongue) -> Iterator[str]:
    asked = _asked(state)
    yield tongue.stands.get(state.status) or tongue.asked(asked)
    if last:
        yield tongue.mail(last)
    if last and (last.corrects or last.was_corrected):
        return
    if state.missing:
        yield tongue.left_since(asked)
    elif last:
        yield tongue.answered


def _asked(state: FileState) -> Asked:
    kinds = dict.fromkeys(item.finding.kind for item in state.missing)
    days = sorted({item.due_on for item in state.missing if item.due_on})
    return Asked(
        tuple(kinds), first=min(days, default=None), alike=len(days) == 1, late=state.status is FileStatus.OVERDUE
    )


_STANDS = {
    FileStatus.IN_ORDER: "Votre dossier est en règle\u00a0: rien ne vous est demandé.",
    FileStatus.UNDER_REVIEW: "Vos pièces sont arrivées, à nous de les contrôler\u00a0: vous n’avez rien à faire.",
    FileStatus.SUSPENDED: "Votre inscription est suspendue\u00a0: aucune pièce ne vous est demandée pour le moment.",
    FileStatus.NOT_YET_REGISTERED: "Votre inscription n’a pas encore pris effet\u00a0: rien ne vous est demandé.",
    FileStatus.MERGED: "Ce numéro est fusionné avec un autre\u00a0: c’est sous l’autre que votre dossier est suivi.",
    FileStatus.REMOVED: "Vous n’êtes plus inscrit au registre\u00a0: aucune pièce ne vous est demandée.",
}


class French:
    """See ``Tongue``; the hotline's language."""

    stands: Mapping[FileStatus, str] = _STANDS
    answered = "Ce message ne vous demande plus rien\u00a0: vous n’avez pas besoin d’y répondre."
    _kinds: Mapping[CoverKind, str] = {
        CoverKind.RC_PRO: "de responsabilité civile professionnelle",
        CoverKind.FINANCIAL_GUARANTEE: "de garantie financière",
    }

    def asked(self, asked: Asked) -> str:
        """« Il nous manque l’attestation de garantie financière, à déposer au plus tard le 28 février. »"""
        the = "les attestations" if asked.several else "l’attestation"
        named = f"{the} {' et '.join(self._kinds[kind] for kind in asked.kinds)}"
        if asked.late:
            awaited = "attendues" if asked.several else "attendue"
            since = self._day(asked, " depuis le", ", première échéance passée le")
            return f"Il nous manque encore {named}, {awaited}{since}."
        return f"Il nous manque {named}, à déposer{self._day(asked, ' au plus tard le', ', première échéance le')}."

    def _day(self, asked: Asked, by: str, first_by: str) -> str:
        return f"{by if asked.alike else first_by} {french.day_and_month(asked.first)}" if asked.first else ""

    def left_since(self, asked: Asked) -> str:
        """« Si elle est partie depuis, vous n’avez rien à faire. »"""
        return f"Si {'elles sont parties' if asked.several else 'elle est partie'} depuis, vous n’avez rien à faire."

    def mail(self, last: LastMail) -> str:
        """« Un rappel vous a été envoyé le 1er février, pour une pièce alors attendue. »"""
        day = french.day_and_month(last.mailed_on)
        if last.corrects:
            return f"Le message du {day} rectifie le précédent\u00a0: c’est lui qui compte."
        if last.was_corrected:
            return f"Le message du {day} était une erreur de notre part, rectifiée depuis\u00a0: n’en tenez pas compte."
        left = "est peut-être parti" if last.state is NoticeState.UNCERTAIN else "vous a été envoyé"
        return f"Un rappel {left} le {day}, pour une pièce alors attendue."


_STANDS_EN = {
    FileStatus.IN_ORDER: "Your file is in order: nothing is asked of you.",
    FileStatus.UNDER_REVIEW: "Your papers have come, and it is for us to check them: you have nothing to do.",
    FileStatus.SUSPENDED: "Your registration is suspended: no paper is asked of you for now.",
    FileStatus.NOT_YET_REGISTERED: "Your registration has not taken effect yet: nothing is asked of you.",
    FileStatus.MERGED: "This number was merged into another: your file is kept under that one.",
    FileStatus.REMOVED: "You are not on the register any more: no paper is asked of you.",
}


class English:
    """See ``Tongue``."""

    stands: Mapping[FileStatus, str] = _STANDS_EN
    answered = "That message asks nothing of you any more: you need not answer it."
    _kinds: Mapping[CoverKind, str] = {
        CoverKind.RC_PRO: "of professional indemnity insurance",
        CoverKind.FINANCIAL_GUARANTEE: "of the financial guarantee",
    }

    def asked(self, asked: Asked) -> str:
        """“We miss the certificate of the financial guarantee, to be deposited by 28 February.”"""
        the = "the certificates" if asked.several else "the certificate"
        named = f"{the} {' and '.join(self._kinds[kind] for kind in asked.kinds)}"
        if asked.late:
            return f"We still miss {named}, expected{self._day(asked, ' since', ', the first deadline passed on')}."
        return f"We miss {named}, to be deposited{self._day(asked, ' by', ', the first by')}."

    def _day(self, asked: Asked, by: str, first_by: str) -> str:
        return f"{by if asked.alike else first_by} {english.day_and_month(asked.first)}" if asked.first else ""

    def left_since(self, asked: Asked) -> str:
        """“If it has left since, you have nothing to do.”"""
        return f"If {'they have' if asked.several else 'it has'} left since, you have nothing to do."

    def mail(self, last: LastMail) -> str:
        """“A reminder was sent to you on 1 February, about a paper expected then.”"""
        day = english.day_and_month(last.mailed_on)
        if last.corrects:
            return f"The message of {day} corrects the one before: it is the one that counts."
        if last.was_corrected:
            return f"The message of {day} was a mistake of ours, corrected since: take no notice of it."
        left = "may have been sent to you" if last.state is NoticeState.UNCERTAIN else "was sent to you"
        return f"A reminder {left} on {day}, about a paper expected then."
