"""The review: who looks, what is asked back, what it does to clocks and reminders, many accepted at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from registry import actions, findings
from registry.actions import RegisterError
from registry.actions.reviews import MOST_AT_ONCE, Fate
from registry.findings import stale_files, verify_findings
from registry.models import CorrectionRequest, Cover, CoverReview, Document, Registration, StoredFinding
from registry.reviews import clocks_of, findings_of, review_queue
from registry.rules.papers import PaperCode
from registry.rules.reviews import ReviewReason
from reminders.planning.plan import plan_reminders
from tests.factories import (
    NOW,
    CorrectionRequestFactory,
    CoverFactory,
    CoverPaperFactory,
    CoverReviewFactory,
    DeadlineDecisionFactory,
    DocumentFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.registry.paper_writers import BY_MACHINE, DAY, PAPER_WRITERS, WHY, asked
from tests.reminders.scenes import engine

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def registration() -> Registration:
    made: Registration = RegistrationFactory.create()
    CoverFactory.create(intermediary=made.intermediary, categories=["COA"])
    return made


@pytest.fixture
def cover(registration: Registration) -> Cover:
    """The next year's certificate with its document: nothing is found against it."""
    made: Cover = CoverFactory.create(
        intermediary=registration.intermediary, renewed=True, deposited=True, categories=["COA"],
        deposited_on=date(2026, 1, 12),
    )  # fmt: skip
    CoverPaperFactory.create(cover=made)
    findings.refresh_findings(as_of=DAY)
    return made


LIKE_IT = {"cover__categories": ["COA"], "cover__deposited_on": date(2026, 1, 15)}


def status(cover: Cover) -> str:
    return Cover.objects.values_list("status", flat=True).get(pk=cover.pk)


def state(cover: Cover) -> str:
    return StoredFinding.objects.values_list("state", flat=True).get(
        registration__intermediary=cover.intermediary, kind="RC_PRO"
    )


# --- all writers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAPER_WRITERS)
def test_i9_a_writer_leaves_who_and_why_in_the_history(name: str, cover: Cover, user: User) -> None:
    """Fails without `recording` in the writer."""
    model, write = PAPER_WRITERS[name]
    write(cover, user)
    latest = apps.get_model("registry", f"{model}History").objects.order_by("-pgh_id").select_related("pgh_context")[0]
    by_machine = name in BY_MACHINE
    assert latest.pgh_context.metadata["user"] == (None if by_machine else user.pk)
    assert by_machine or latest.pgh_context.metadata["why"] == WHY


@pytest.mark.parametrize("name", PAPER_WRITERS)
def test_i9_a_writer_brings_the_findings_up_to_date(name: str, cover: Cover, user: User) -> None:
    """Fails without `store_findings` in those that change a certificate."""
    PAPER_WRITERS[name][1](cover, user)
    assert stale_files() == 0
    assert [d for chunk in verify_findings(day=DAY) for d in chunk.differences] == []


@pytest.mark.parametrize("name", ["ask_correction", "answer_correction", "accept_covers"])
def test_a_writer_that_fails_at_its_last_step_leaves_nothing(
    name: str, cover: Cover, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("covers", "reviews"):
        monkeypatch.setattr(f"registry.actions.{module}.store_findings", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        PAPER_WRITERS[name][1](cover, user)
    assert status(cover) == "DEPOSITED"
    assert not CorrectionRequest.objects.exists()


# --- corrections ------------------------------------------------------------------------------------------


def planned() -> set[str]:
    plan = plan_reminders(day=DAY, now=NOW, engine=engine(), by=None)
    return set(plan.batch.notices.values_list("intermediary__orias_number", flat=True)) if plan.batch else set()


def test_i3_no_reminder_while_a_certificate_with_its_document_waits_for_us(cover: Cover) -> None:
    """Fails where a deposited certificate did not count as awaiting us."""
    assert state(cover) == "AWAITING_REVIEW"
    assert planned() == set()


def test_i3_a_reminder_may_go_again_while_we_wait_for_them_and_not_once_they_have_answered(
    cover: Cover, user: User
) -> None:
    """The ball decides, not the deposit: docs/decisions/0018-papers.md."""
    asked(cover, user)
    assert (status(cover), state(cover)) == ("RETURNED", "DUE")
    assert planned() == {cover.intermediary.orias_number}
    actions.answer_correction(by=None, why=WHY, day=DAY, cover=cover, policy="RC-2026/78")
    assert (status(cover), state(cover)) == ("DEPOSITED", "AWAITING_REVIEW")


def test_i12_a_correction_keeps_the_day_of_the_first_deposit(cover: Cover, user: User) -> None:
    asked(cover, user)
    late = date(2026, 3, 20)
    document = DocumentFactory.create(intermediary=cover.intermediary)
    actions.answer_correction(
        by=None, why=WHY, day=late, cover=cover, documents=[document], ends_on=date(2027, 2, 27), policy="X"
    )
    cover.refresh_from_db()
    assert (cover.deposited_on, cover.ends_on, cover.policy) == (date(2026, 1, 12), date(2027, 2, 27), "X")
    assert cover.papers.order_by("-id").values_list("document_id", flat=True)[0] == document.pk
    assert CorrectionRequest.objects.get().ended_on == late


def test_the_two_months_stand_still_while_we_wait_and_our_freezes_count(cover: Cover, user: User) -> None:
    due_on = lambda day: clocks_of([(cover.pk, cover.deposited_on)], day)[cover.pk].due_on  # noqa: E731
    assert due_on(DAY) == date(2026, 3, 12)
    asked(cover, user)
    actions.answer_correction(by=None, why=WHY, day=date(2026, 2, 8), cover=cover, policy="X")
    assert due_on(date(2026, 2, 10)) == date(2026, 3, 22)
    DeadlineDecisionFactory.create(freeze=True)
    assert due_on(date(2026, 2, 25)) == date(2026, 3, 25)


@pytest.mark.parametrize("decide", [actions.accept_cover, actions.refuse_cover, actions.withdraw_cover])
def test_a_certificate_sent_back_can_still_be_decided_and_nothing_is_waited_for_any_more(
    decide: Any, cover: Cover, user: User
) -> None:
    """Fails without `end_correction` in `_decide`: the database refuses it."""
    asked(cover, user)
    decide(by=user, why=WHY, day=DAY, cover=cover)
    assert status(cover) in {"ACCEPTED", "REFUSED", "WITHDRAWN"}
    assert CorrectionRequest.objects.get().ended_on == DAY


def test_what_cannot_be_asked_or_answered_is_told(cover: Cover, user: User) -> None:
    with pytest.raises(RegisterError, match="OTHER demande une précision"):
        asked(cover, user, reason=ReviewReason.OTHER, note="  ")
    answer: Any = {"by": None, "why": WHY, "day": DAY, "cover": cover}
    with pytest.raises(RegisterError, match="n’attend plus"):
        actions.answer_correction(**answer, policy="X")
    asked(cover, user)
    with pytest.raises(RegisterError, match="n’attend plus"):
        asked(cover, user)
    for values, told in (
        ({}, "au moins l’un des deux"),
        ({"deposited_on": DAY}, "non modifiables ici"),
        ({"status": "ACCEPTED"}, "non modifiables ici"),
        ({"ends_on": date(2026, 2, 27)}, "ne peut pas précéder"),
        ({"documents": [DocumentFactory.create()]}, "n’est pas de ce dossier"),
        (
            {"documents": [DocumentFactory.create(broken=True, intermediary=cover.intermediary)]},
            "ne peut pas être joint",
        ),
    ):
        with pytest.raises(RegisterError, match=told):
            actions.answer_correction(**answer, **values)
    assert status(cover) == "RETURNED"
    assert CorrectionRequest.objects.get().ended_on is None


def test_a_refusal_keeps_its_code_and_words(cover: Cover, user: User) -> None:
    actions.refuse_cover(by=user, why=WHY, day=DAY, cover=cover, reason=ReviewReason.OLD_PERIOD, note="celle de 2025")
    review = CoverReview.objects.get(cover=cover)
    assert (review.reason, review.note, review.refused_on) == ("OLD_PERIOD", "celle de 2025", DAY)


def test_a_refusal_without_a_code_is_told_by_its_why(cover: Cover, user: User) -> None:
    actions.refuse_cover(by=user, why=WHY, day=DAY, cover=cover)
    review = CoverReview.objects.get(cover=cover)
    assert (review.reason, review.note) == ("OTHER", WHY)


@pytest.mark.parametrize("trait", ["received", "scanning", "infected"])
def test_what_nobody_has_seen_is_not_accepted(trait: str, cover: Cover, user: User) -> None:
    """Fails without `_require_readable`; the latest document counts."""
    late = DocumentFactory.create(scanning=True, intermediary=cover.intermediary)
    CoverPaperFactory.create(cover=cover, document=late)
    if trait == "infected":
        Document.objects.filter(pk=late.pk).update(state="INFECTED", signature="x", scanned_at=NOW)
    elif trait == "received":
        fresh = DocumentFactory.create(received=True, intermediary=cover.intermediary)
        CoverPaperFactory.create(cover=cover, document=fresh)
    with pytest.raises(RegisterError, match="ne peut pas être lu"):
        actions.accept_cover(by=user, why=WHY, day=DAY, cover=cover)
    assert status(cover) == "DEPOSITED"


# --- what the database refuses ----------------------------------------------------------------------------


def refused(write: Any, match: str) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        write()


def test_a_certificate_is_sent_back_only_with_a_question_and_comes_back_only_with_its_end(cover: Cover) -> None:
    """Fails without the trigger `cover_sent_back_is_asked_about`."""
    mine = Cover.objects.filter(pk=cover.pk)
    refused(lambda: mine.update(status="RETURNED"), "sent_back_is_asked_about")
    CorrectionRequestFactory.create(cover=cover)
    mine.update(status="RETURNED")
    refused(lambda: mine.update(status="ACCEPTED"), "sent_back_is_asked_about")
    CorrectionRequest.objects.update(ended_on=DAY)
    mine.update(status="ACCEPTED")


def test_what_was_asked_stays_and_ends_once(cover: Cover) -> None:
    CorrectionRequestFactory.create(cover=cover)
    refused(lambda: CorrectionRequest.objects.update(reason="OLD_PERIOD"), "frozen stays")
    CorrectionRequest.objects.update(ended_on=DAY)
    refused(lambda: CorrectionRequest.objects.update(ended_on=date(2026, 2, 1)), "ends once")
    refused(lambda: CorrectionRequest.objects.update(ended_on=None), "ends once")


@pytest.mark.parametrize("trait", ["foreign", "broken", "infected"])
def test_i14_a_paper_is_a_usable_document_of_the_same_file(trait: str, cover: Cover) -> None:
    """Fails without the trigger `paper_is_of_the_same_file`."""
    whose = {} if trait == "foreign" else {"intermediary": cover.intermediary, trait: True}
    document = DocumentFactory.create(**whose)
    with pytest.raises(IntegrityError, match="paper_is_of_the_same_file"):
        CoverPaperFactory.create(cover=cover, document=document)


# --- assignment and queue ---------------------------------------------------------------------------------


def test_a_review_is_somebody_s_until_it_is_taken_over(cover: Cover, user: User) -> None:
    other = UserFactory.create(username="bruno")
    give: Any = {"why": WHY, "day": DAY, "cover": cover}
    actions.assign_review(by=user, to=user, **give)
    with pytest.raises(RegisterError, match="confiée à agent"):
        actions.assign_review(by=other, to=other, **give)
    actions.assign_review(by=other, to=other, take_over=True, **give)
    assert CoverReview.objects.get().assigned_to == other
    actions.assign_review(by=other, to=None, **give)
    assert CoverReview.objects.get().assigned_on is None
    actions.accept_cover(by=user, why=WHY, day=DAY, cover=cover)
    with pytest.raises(RegisterError, match="n’attend plus"):
        actions.assign_review(by=user, to=user, **give)


def test_the_queue_begins_with_what_is_late(registration: Registration, user: User) -> None:
    def waiting(day: date) -> Cover:
        return CoverFactory.create(
            intermediary=registration.intermediary, renewed=True, deposited=True, deposited_on=day
        )

    recent, old, paused_once, mine = map(
        waiting, (date(2026, 1, 20), date(2025, 11, 20), date(2025, 11, 21), date(2026, 1, 22))
    )
    CorrectionRequestFactory.create(cover=paused_once, asked_on=date(2025, 12, 1), ended_on=DAY)
    CoverReviewFactory.create(cover=mine, assigned_to=user)
    sent_back = waiting(date(2025, 1, 1))
    asked(sent_back, user)
    queue = review_queue(day=DAY)
    assert [row.cover.pk for row in queue.rows] == [old.pk, recent.pk, paused_once.pk, mine.pk]
    assert (queue.waiting, queue.late, queue.has_more) == (4, 1, False)
    assert [row.cover.pk for row in review_queue(day=DAY, of=user).rows] == [mine.pk]
    assert [row.cover.pk for row in review_queue(day=DAY, unassigned=True).rows] == [old.pk, recent.pk, paused_once.pk]
    [back] = review_queue(day=DAY, returned=True).rows
    assert (back.cover.pk, back.clock.paused_since, back.clock.is_late) == (sent_back.pk, DAY, False)


def test_a_page_goes_on_after_the_last_row(registration: Registration) -> None:
    for _ in range(3):
        CoverFactory.create(intermediary=registration.intermediary, renewed=True, deposited=True)
    first = review_queue(day=DAY, limit=2)
    last = first.rows[-1]
    rest = review_queue(day=DAY, limit=2, after=(last.clock.due_on, last.cover.pk))
    assert (len(first.rows), first.has_more, len(rest.rows), rest.has_more) == (2, True, 1, False)
    assert not {r.cover.pk for r in first.rows} & {r.cover.pk for r in rest.rows}


def test_a_page_of_the_queue_costs_the_same_however_long_it_is(
    registration: Registration, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        paper = CoverPaperFactory.create(cover__intermediary=registration.intermediary)
        CorrectionRequestFactory.create(cover=paper.cover, ended=True)
    with django_assert_max_num_queries(18):
        assert len(review_queue(day=DAY).rows) == 12


def test_what_is_found_is_read_from_the_latest_document_and_the_register(cover: Cover) -> None:
    assert [f.code for f in findings_of([cover])[cover.pk]] == [
        PaperCode.PERIOD_WHOLE, PaperCode.AMOUNTS_MET, PaperCode.CATEGORIES_COVERED, PaperCode.ISSUER_KNOWN,
        PaperCode.NO_TEXT,
    ]  # fmt: skip
    cover.issuer = "Jamais vue"
    assert PaperCode.ISSUER_UNKNOWN in [f.code for f in findings_of([cover])[cover.pk]]


# --- lots -------------------------------------------------------------------------------------------------


def fates(user: User, *ids: int) -> list[Fate]:
    return [line.fate for line in actions.accept_covers(by=user, why=WHY, day=DAY, ids=ids)]


def test_each_certificate_of_a_lot_is_looked_at_again_and_has_its_fate(cover: Cover, user: User) -> None:
    """Fails without the re-check in `_accept_if_good`: what changed after the list was made would pass."""
    whose = cover.intermediary
    wrong = CoverFactory.create(intermediary=whose, deposited=True, categories=["COA"])
    bare = CoverFactory.create(intermediary=whose, deposited=True, renewed=True, categories=["COA"])
    others = CoverPaperFactory.create(cover__intermediary=whose, **LIKE_IT).cover
    CoverReviewFactory.create(cover=others)
    sick = DocumentFactory.create(scanning=True, intermediary=whose)
    unseen = CoverPaperFactory.create(cover__intermediary=whose, **LIKE_IT, document=sick).cover
    returned = CoverPaperFactory.create(cover__intermediary=whose).cover
    asked(returned, user)
    ids = [cover.pk, wrong.pk, bare.pk, others.pk, unseen.pk, returned.pk, 10**9, cover.pk]
    assert fates(user, *ids) == [
        Fate.ACCEPTED, Fate.FOUND_WANTING, Fate.FOUND_WANTING, Fate.OF_SOMEBODY_ELSE, Fate.REFUSED_BY_REGISTER,
        Fate.NOT_WAITING, Fate.NOT_FOUND,
    ]  # fmt: skip
    assert Cover.objects.filter(status="ACCEPTED", ends_on=date(2027, 2, 28)).count() == 1
    assert fates(user, cover.pk) == [Fate.ALREADY]


def test_a_lot_that_is_interrupted_goes_on_where_it_stopped(cover: Cover, user: User) -> None:
    second = CoverPaperFactory.create(cover__intermediary=cover.intermediary, **LIKE_IT).cover
    lines = actions.accept_covers(by=user, why=WHY, day=DAY, ids=[cover.pk, second.pk])
    assert next(lines).fate is Fate.ACCEPTED
    assert (status(cover), status(second)) == ("ACCEPTED", "DEPOSITED")
    assert fates(user, cover.pk, second.pk) == [Fate.ALREADY, Fate.ACCEPTED]


def test_a_lot_has_a_size(user: User) -> None:
    with pytest.raises(RegisterError, match="au plus 500"):
        actions.accept_covers(by=user, why=WHY, day=DAY, ids=range(1, MOST_AT_ONCE + 2))
