"""A reason that is longer than what is kept of it is refused, with its limit, before anything is done: what would be
read of it later is not what was written."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from registry.management.console import EXIT_WRONG_USE, text_up_to
from tests.registry.commands import run

LONG, LONGER = "x" * 301, "x" * 501
PAIR, BY = ("07000001", "07000002"), ("--by", "alice")
REFUSED: list[tuple[int, tuple[str, ...]]] = [
    (300, ("stop_sending", LONG, *BY)),
    (300, ("recall_batch", "1", "--reason", LONG, *BY)),
    (300, ("reconcile_journal", "--journal-lost", LONG, *BY)),
    (500, ("pause_batch", "1", "--reason", LONGER, *BY)),
    (500, ("resume_batch", "1", "--reason", LONGER, *BY)),
    (500, ("dead_addresses", "--confirm", PAIR[0], "--reason", LONGER, *BY)),
    (500, ("merge_intermediaries", *PAIR, "--reason", LONGER)),
    (500, ("undo_merge", "1", "--reason", LONGER, *BY)),
    (500, ("dismiss_duplicate", *PAIR, "--reason", LONGER, *BY)),
    (500, ("confirm_address", PAIR[0], "--reason", LONGER, *BY)),
    (500, ("open_removal_case", PAIR[0], "--category", "COA", "--ground", "COVER", "--reason", LONGER, *BY)),
    (500, ("hold_removal_case", "1", "--reason", LONGER, *BY)),
    (500, ("settle_signal", "1", LONGER, *BY)),
    (500, ("legal_hold", PAIR[0], "--reason", LONGER, *BY)),
    (500, ("shift_campaign", "2026", "--date", "tolerated_until=2026-03-31", "--reason", LONGER, *BY)),
    (500, ("record_call", PAIR[0], "--reason", "why_mail", "--outcome", "answered", "--note", LONGER, *BY)),
]


@pytest.mark.parametrize(("most", "words"), REFUSED, ids=[words[0] for _, words in REFUSED])
def test_a_reason_longer_than_what_is_kept_of_it_is_wrong_use(
    most: int, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Fails without `text_up_to` in that command: the rest of it was cut, unsaid."""
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == EXIT_WRONG_USE
    assert f"{most + 1} caractères, {most} au plus" in capsys.readouterr().err


def test_as_many_characters_as_are_kept_are_taken_without_the_space_around() -> None:
    assert text_up_to(500)(f" {'é' * 500}\n") == "é" * 500
    with pytest.raises(ArgumentTypeError):
        text_up_to(500)("é" * 501)


@pytest.mark.django_db
def test_of_a_complaint_that_is_none_only_the_reason_has_that_limit() -> None:
    """An answer may be long: its limit is no reason's."""
    run("create_user", "lea", "--role", "hotline_lead")
    answer = run("answer_complaint", "R-2026-00001", LONGER, "--requalify", "--by", "lea")
    assert (answer.code, "500 caractères au plus" in answer.err) == (EXIT_WRONG_USE, True)
    answer = run("answer_complaint", "R-2026-00001", LONGER, "--outcome", "refused", "--by", "lea")
    assert (answer.code, "caractères" in answer.err) == (1, False)
