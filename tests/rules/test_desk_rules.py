"""The pure rules of the desk: who has proved who they are, what is read aloud, what is usual."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hotline.rules.caller_check import SUFFICIENT, CallerProof, Held, Said, is_enough, proofs_of
from hotline.rules.calls import CallReason, LineFacts, judge_line, likely_reason
from hotline.rules.extra_agents import is_live
from hotline.rules.script import (
    before_the_check,
    before_the_check_in_english,
    during_an_incident,
    during_an_incident_in_english,
    recorded,
)
from tests.factories import NOW

HELD = Held(siren="732829320", contacts=("M. Jean-Noël Le Goff", "Éric"), policies=("RC/12-4821", "G7"))


@pytest.mark.parametrize("name", ["Le Goff", "jean noel LE GOFF", "goff", "monsieur Le Goff", "eric"])
def test_a_contact_is_named_in_whole_or_in_part_without_accents(name: str) -> None:
    assert proofs_of(Said(contact=name), HELD) == (CallerProof.CONTACT,)


@pytest.mark.parametrize("name", ["", "  ", "Monsieur", "M.", "le", "Le Guen", "Goff Durand"])
def test_a_civility_or_another_name_proves_nothing(name: str) -> None:
    assert proofs_of(Said(contact=name), HELD) == ()


@pytest.mark.parametrize(
    ("said", "proved"),
    [("4821", True), ("48-21", True), ("821", False), ("24821", False), ("", False), ("4822", False)],
)
def test_a_policy_is_proved_by_exactly_its_last_four(said: str, proved: bool) -> None:
    assert bool(proofs_of(Said(policy=said), HELD)) is proved


def test_a_siren_that_the_file_has_not_proves_nothing() -> None:
    assert proofs_of(Said(siren=True), Held()) == ()


def test_one_proof_told_twice_is_one() -> None:
    assert not is_enough((CallerProof.NUMBER, CallerProof.NUMBER))
    assert is_enough((CallerProof.NUMBER, CallerProof.SIREN))
    assert len(SUFFICIENT) == 11


def test_before_the_check_only_the_register_speaks() -> None:
    assert before_the_check("X", ["inscrit comme COA", "supprimé comme CIF"])[0] == (
        "X est inscrit comme COA et supprimé comme CIF au registre."
    )
    assert before_the_check("X", ["a", "b", "c"])[0] == "X est a, b et c au registre."
    assert "n’est pas inscrit" in before_the_check("X", [])[0]


def test_an_incident_comes_first_and_three_sentences_are_the_most() -> None:
    said = during_an_incident("Des relances sont parties à tort. ", "29 janvier", ("Un.", "Deux."))
    assert said == ("Des relances sont parties à tort.", "Prochaine information le 29 janvier.", "Un.")
    assert recorded("Panne.", "29 janvier").startswith("Panne. Vos droits")


def test_a_call_is_about_a_mail_that_left_lately() -> None:
    day = date(2026, 2, 25)
    assert likely_reason(day - timedelta(days=14), day) is CallReason.WHY_MAIL
    assert likely_reason(day - timedelta(days=15), day) is CallReason.FILE_STATE
    assert likely_reason(None, day) is CallReason.FILE_STATE


@pytest.mark.parametrize(("looked", "usual", "over"), [(16, 5, True), (15, 5, False), (4, 0, False), (5, 0, True)])
def test_look_ups_alone_make_a_surge(looked: int, usual: int, over: bool) -> None:
    found = judge_line(LineFacts(calls=0, look_ups=looked, usual_look_ups=(usual,) * 4))
    assert (found.looked_up_over_usual, found.prompts, found.over_usual) == (over, over, False)


def test_a_grant_is_over_at_its_end_or_when_it_is_taken_back() -> None:
    assert is_live(NOW + timedelta(seconds=1), None, NOW)
    assert not is_live(NOW, None, NOW)
    assert not is_live(NOW + timedelta(days=1), NOW, NOW)


def test_a_caller_who_speaks_english_hears_the_same() -> None:
    told = before_the_check_in_english("X", ["registered as COA and CIF", "suspended as IOB"])
    assert told[0] == "X is registered as COA and CIF, suspended as IOB."
    assert "two of these" in told[1]
    assert before_the_check_in_english("X", [])[0] == "X is not registered."
    switched = during_an_incident_in_english("29 January 2026 at 16:30", told)
    assert switched[1:] == ("Next word on 29 January 2026 at 16:30.", told[0])
