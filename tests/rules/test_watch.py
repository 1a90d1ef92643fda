"""The watch: what stops a release, what lets the next step leave, and what is too little to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.watch import (
    OVERRULED,
    REMEDIES,
    AlarmCode,
    Judgement,
    Outcomes,
    ReleaseFacts,
    WatchLimits,
    judge_release,
    reported_wrong,
    smtp_down,
)
from tests.factories import NOW

LIMITS = WatchLimits()
LONG_AGO = NOW - LIMITS.watch
GOOD = Outcomes(accepted=25)


def ended(step: Outcomes = GOOD, batch: Outcomes | None = None, size: int = 25, **times: object) -> ReleaseFacts:
    """A step that was over half an hour ago."""
    facts = ReleaseFacts(step, batch or step, size, LONG_AGO)
    return replace(facts, **times)  # type: ignore[arg-type]


def alarm(facts: ReleaseFacts, limits: WatchLimits = LIMITS) -> AlarmCode | None:
    verdict = judge_release(facts, limits, NOW)
    return verdict.alert.code if verdict.alert else None


def test_a_good_step_is_followed_by_the_next_after_the_watch_and_not_a_moment_before() -> None:
    assert judge_release(ended(), LIMITS, NOW).judgement is Judgement.GREEN
    early = judge_release(ended(), LIMITS, NOW - timedelta(microseconds=1))
    assert (early.judgement, early.until, early.alert) == (Judgement.HOLD, NOW, None)


def test_without_a_watch_time_a_step_is_judged_at_once() -> None:
    at_once = replace(LIMITS, watch=timedelta())
    assert judge_release(ended(step_ended_at=NOW), at_once, NOW).judgement is Judgement.GREEN


def test_a_step_that_is_being_sent_is_neither_good_nor_bad_yet() -> None:
    assert judge_release(ended(step_ended_at=None), LIMITS, NOW).judgement is Judgement.RUNNING


@pytest.mark.parametrize(
    ("sent", "size", "code"), [(12, 25, "TOO_LITTLE"), (13, 25, None), (0, 1, "TOO_LITTLE"), (1, 1, None)]
)
def test_too_little_to_judge_by_leaves_it_to_a_person(sent: int, size: int, code: str | None) -> None:
    """Fails without `is_enough`: a step whose recipients were all withdrawn says nothing about the next."""
    verdict = judge_release(ended(Outcomes(accepted=sent), size=size), LIMITS, NOW)
    assert (verdict.alert.code if verdict.alert else None) == code
    assert verdict.judgement is (Judgement.HOLD if code else Judgement.GREEN)


def test_a_step_of_which_nothing_was_accepted_is_not_good() -> None:
    """Fails without `accepted`: steps of one, each uncertain, would follow one another to the end of the list."""
    verdict = judge_release(ended(Outcomes(uncertain=1), size=1), LIMITS, NOW)
    assert (verdict.judgement, verdict.alert and verdict.alert.code) == (Judgement.HOLD, AlarmCode.TOO_LITTLE)
    assert verdict.alert is not None
    assert verdict.alert.message == "aucun message d’un palier de 1 n’a été accepté"


KINDS = {
    "dead": AlarmCode.BOUNCED_TOO_MANY,
    "refused": AlarmCode.REFUSED_TOO_MANY,
    "uncertain": AlarmCode.UNCERTAIN_TOO_MANY,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("count", "sent", "stops"),
    [(1, 25, False), (2, 25, False), (3, 25, True), (3, 60, False), (14, 275, True), (13, 275, False)],
)
def test_a_share_and_a_smallest_number_must_both_be_passed(kind: str, count: int, sent: int, stops: bool) -> None:
    """One of 25 is 4 %, two are 8 %, and neither says anything: below three a mishap would be a rate."""
    limits = replace(LIMITS, uncertain=0.05)
    found = alarm(ended(Outcomes(**{"accepted": sent - count, kind: count}), size=sent), limits)
    assert found == (KINDS[kind] if stops else None)


def test_one_uncertain_in_a_hundred_is_the_limit() -> None:
    assert alarm(ended(Outcomes(accepted=297, uncertain=3), size=300)) is None
    assert alarm(ended(Outcomes(accepted=296, uncertain=3), size=299)) is AlarmCode.UNCERTAIN_TOO_MANY


def test_a_bad_step_is_not_hidden_by_a_good_batch_nor_a_bad_batch_by_a_good_step() -> None:
    """Fails without either half of the loop over step and batch."""
    bad, good = Outcomes(accepted=200, dead=50), Outcomes(accepted=10_000)
    assert alarm(ended(bad, Outcomes(accepted=10_200, dead=50), size=250)) is AlarmCode.BOUNCED_TOO_MANY
    assert alarm(ended(good, Outcomes(accepted=10_000, dead=600), size=10_000)) is AlarmCode.BOUNCED_TOO_MANY


def test_the_same_alarms_watch_while_a_step_is_being_sent() -> None:
    facts = ended(Outcomes(accepted=7, dead=3), step_ended_at=None)
    assert alarm(facts) is AlarmCode.BOUNCED_TOO_MANY


@pytest.mark.parametrize(("reports", "code"), [(0, None), (1, None), (2, "REPORTED_WRONG"), (9, "REPORTED_WRONG")])
def test_two_true_reports_stop_a_release_whatever_its_size(reports: int, code: str | None) -> None:
    assert alarm(ended(replace(Outcomes(accepted=10_000), true_reports=reports), size=10_000)) == code


def test_the_gravest_is_named_first() -> None:
    everything = Outcomes(accepted=10, dead=20, refused=20, uncertain=20, true_reports=2)
    assert alarm(ended(everything)) is AlarmCode.REPORTED_WRONG


@pytest.mark.parametrize(("minutes", "code"), [(14, None), (15, "STALLED"), (500, "STALLED")])
def test_a_release_that_stands_still_for_so_long_is_stopped_not_forced(minutes: int, code: str | None) -> None:
    facts = ended(step_ended_at=None, ready_since=NOW - timedelta(minutes=minutes))
    assert alarm(facts) == code


def test_an_alarm_says_how_many_of_how_many_and_the_limit() -> None:
    verdict = judge_release(ended(Outcomes(accepted=22, dead=3)), LIMITS, NOW)
    assert verdict.alert
    assert (
        verdict.alert.message
        == "3 adresses hors d’usage dans le palier, sur 25 envois (12,0\u00a0%, limite 5,0\u00a0%)"
    )
    assert verdict.alert.facts == {"count": 3, "sent": 25, "limit": 0.05}


def test_a_report_names_ten_and_a_server_is_quoted() -> None:
    numbers = tuple(f"{n:08d}" for n in range(12))
    assert reported_wrong(numbers[:2]).message.endswith("00000000, 00000001")
    assert reported_wrong(numbers).message.endswith("00000009 …")
    assert smtp_down("connexion\u00a0: refusée").message == "connexion\u00a0: refusée"


def test_every_alarm_says_what_to_do() -> None:
    assert set(REMEDIES) == set(AlarmCode)
    assert set(AlarmCode) > OVERRULED


counts = st.integers(0, 400)
outcomes = st.builds(Outcomes, counts, counts, counts, counts, st.integers(0, 3))
times = st.one_of(st.none(), st.integers(-90, 0).map(lambda m: NOW + timedelta(minutes=m)))
releases = st.builds(ReleaseFacts, outcomes, outcomes, st.integers(1, 2_000), times, times)


@given(releases)
def test_only_a_finished_watched_step_with_enough_sent_and_nothing_wrong_is_green(facts: ReleaseFacts) -> None:
    verdict = judge_release(facts, LIMITS, NOW)
    if verdict.judgement is Judgement.GREEN:
        assert facts.step_ended_at is not None
        assert facts.step_ended_at + LIMITS.watch <= NOW
        assert facts.step.sent >= facts.step_size / 2
        assert facts.batch.true_reports < 2
        for bad in (facts.step.dead, facts.step.refused):
            assert bad < 3 or bad <= 0.05 * facts.step.sent
    assert (verdict.alert is None) == (verdict.judgement in (Judgement.GREEN, Judgement.RUNNING) or bool(verdict.until))


@given(releases, st.sampled_from(["dead", "refused", "uncertain"]), st.integers(1, 400))
def test_the_worse_it_comes_out_the_less_may_go_on(facts: ReleaseFacts, kind: str, more: int) -> None:
    """Of the same number sent, so many more of them wrong."""

    def worse(outcomes: Outcomes) -> Outcomes:
        moved = min(more, outcomes.accepted)
        return replace(outcomes, **{"accepted": outcomes.accepted - moved, kind: getattr(outcomes, kind) + moved})

    if judge_release(facts, LIMITS, NOW).judgement is Judgement.ALARM:
        found = judge_release(replace(facts, step=worse(facts.step), batch=worse(facts.batch)), LIMITS, NOW)
        assert found.judgement is Judgement.ALARM


def test_one_report_is_told_in_the_singular() -> None:
    assert reported_wrong(("07000001",)).message == "1 relance à tort vérifiée\u00a0: 07000001"
    assert reported_wrong(("07000001", "07000002")).message.startswith("2 relances à tort vérifiées\u00a0:")
