"""What is read aloud: true, short, and in whole sentences."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.file_state import FileState, FileStatus
from reminders.rules.script import English, French, LastMail
from reminders.rules.script import script as sentences
from reminders.rules.states import NoticeState

DAY = date(2026, 2, 10)
MAIL = LastMail(date(2026, 2, 1), NoticeState.ACCEPTED)


def due(kind: CoverKind = CoverKind.RC_PRO, due_on: date | None = date(2026, 2, 28)) -> CoverFinding:
    return CoverFinding(Category.COA, kind, CoverState.DUE, due_on=due_on)


def state(status: FileStatus, *findings: CoverFinding) -> FileState:
    return FileState(status, DAY, findings)


def script(state: FileState, last: LastMail | None) -> tuple[str, ...]:
    return sentences(state, last, French())


def script_in_english(state: FileState, last: LastMail | None) -> tuple[str, ...]:
    return sentences(state, last, English())


def test_a_complete_file_is_told_so_first_and_that_the_mail_asks_for_nothing_any_more() -> None:
    assert script(state(FileStatus.IN_ORDER), MAIL) == (
        "Votre dossier est en règle\u00a0: rien ne vous est demandé.",
        "Un rappel vous a été envoyé le 1er février, pour une pièce alors attendue.",
        "Ce message ne vous demande plus rien\u00a0: vous n’avez pas besoin d’y répondre.",
    )


def test_what_is_missing_is_named_with_its_day() -> None:
    assert script(state(FileStatus.TO_COMPLETE, due()), None) == (
        "Il nous manque l’attestation de responsabilité civile professionnelle, à déposer au plus tard le 28 février.",
        "Si elle est partie depuis, vous n’avez rien à faire.",
    )


def test_two_papers_are_told_in_the_plural_and_late_ones_as_late() -> None:
    told = script(state(FileStatus.OVERDUE, due(), due(CoverKind.FINANCIAL_GUARANTEE, date(2026, 1, 31))), MAIL)
    assert told[0].endswith("et de garantie financière, attendues, première échéance passée le 31 janvier.")
    assert told[2] == "Si elles sont parties depuis, vous n’avez rien à faire."


def test_of_several_days_none_is_said_of_them_all() -> None:
    """A paper that is expected on 28 February is not said to be late since 31 January."""
    both = [due(), due(CoverKind.FINANCIAL_GUARANTEE, date(2026, 1, 31))]
    told = script(state(FileStatus.TO_COMPLETE, *both), None)[0]
    assert told.endswith("à déposer, première échéance le 31 janvier.")
    same = [due(), due(CoverKind.FINANCIAL_GUARANTEE)]
    assert script(state(FileStatus.OVERDUE, *same), None)[0].endswith("attendues depuis le 28 février.")


def test_a_paper_without_a_day_is_asked_for_without_one() -> None:
    assert script(state(FileStatus.OVERDUE, due(due_on=None)), None)[0].endswith("professionnelle, attendue.")
    assert script(state(FileStatus.TO_COMPLETE, due(due_on=None)), None)[0].endswith("professionnelle, à déposer.")


def test_a_message_gone_wrong_is_told_as_our_mistake() -> None:
    told = script(state(FileStatus.IN_ORDER), LastMail(DAY, NoticeState.ACCEPTED, was_corrected=True))
    assert told[1:] == (
        "Le message du 10 février était une erreur de notre part, rectifiée depuis\u00a0: n’en tenez pas compte.",
    )


def test_a_correction_is_what_counts() -> None:
    told = script(state(FileStatus.TO_COMPLETE, due()), LastMail(DAY, NoticeState.ACCEPTED, corrects=True))
    assert told[1:] == ("Le message du 10 février rectifie le précédent\u00a0: c’est lui qui compte.",)


def test_what_may_have_left_is_told_so() -> None:
    assert "est peut-être parti" in script(state(FileStatus.IN_ORDER), LastMail(DAY, NoticeState.UNCERTAIN))[1]


@pytest.mark.parametrize(
    ("status", "last"),
    list(
        product(
            FileStatus, [None, MAIL, LastMail(DAY, NoticeState.UNCERTAIN), LastMail(DAY, NoticeState.ACCEPTED, True)]
        )
    ),
)
def test_every_file_has_one_to_three_sentences_read_within_fifteen_seconds(
    status: FileStatus, last: LastMail | None
) -> None:
    """Some 18 signs a second are read aloud."""
    asks = status in (FileStatus.TO_COMPLETE, FileStatus.OVERDUE)
    told = script(state(status, *([due(), due(CoverKind.FINANCIAL_GUARANTEE)] if asks else [])), last)
    assert 1 <= len(told) <= 3
    assert "Il nous manque" not in told[0] or asks
    assert all(words.endswith(".") and words[0].isupper() for words in told)
    assert sum(map(len, told)) < 18 * 15


# --- the same in English --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(FileStatus))
@pytest.mark.parametrize(
    "last",
    [
        None,
        MAIL,
        LastMail(DAY, NoticeState.UNCERTAIN),
        LastMail(DAY, NoticeState.ACCEPTED, corrects=True),
        LastMail(DAY, NoticeState.ACCEPTED, was_corrected=True),
    ],
)
def test_english_has_a_sentence_for_each_in_french(status: FileStatus, last: LastMail | None) -> None:
    asks = status in (FileStatus.TO_COMPLETE, FileStatus.OVERDUE)
    for missing in ([due()], [due(), due(CoverKind.FINANCIAL_GUARANTEE)]) if asks else ([],):
        told = script_in_english(state(status, *missing), last)
        assert len(told) == len(script(state(status, *missing), last))
        assert all(words.isascii() and words.endswith(".") for words in told)


def test_what_is_missing_is_named_in_english_with_its_day() -> None:
    both = [due(), due(CoverKind.FINANCIAL_GUARANTEE, date(2026, 1, 31))]
    told = {
        "We miss the certificate of professional indemnity insurance, to be deposited by 28 February.": [due()],
        "We miss the certificate of professional indemnity insurance, to be deposited.": [due(due_on=None)],
        "We miss the certificates of professional indemnity insurance and of the financial guarantee, to be deposited, "
        "the first by 31 January.": both,
    }
    for words, missing in told.items():
        assert script_in_english(state(FileStatus.TO_COMPLETE, *missing), None)[0] == words
    assert script_in_english(state(FileStatus.OVERDUE, due()), None)[0].endswith("expected since 28 February.")
    assert script_in_english(state(FileStatus.OVERDUE, due(due_on=None)), None)[0].endswith("insurance, expected.")
    assert script_in_english(state(FileStatus.OVERDUE, *both), None)[0].endswith(
        "expected, the first deadline passed on 31 January."
    )


def test_the_last_message_is_told_in_english() -> None:
    told = script_in_english(state(FileStatus.IN_ORDER), MAIL)
    assert told[1:] == (
        "A reminder was sent to you on 1 February, about a paper expected then.",
        "That message asks nothing of you any more: you need not answer it.",
    )
