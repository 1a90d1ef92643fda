"""Reports: the review against its two months, and what happened to a batch."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hotline.models import WhyReading
from registry import actions
from registry.models import CoverReview
from registry.reviews import LATELY, review_figures
from registry.rules.reviews import ReviewReason
from reminders.models import IncidentNote, Notice
from reminders.rules.states import NoticeState
from tests.factories import NOW, AttemptFactory, CallFactory, CoverFactory, NoticeFactory, UserFactory, reach
from tests.web.staff_stage import a_paper, as_role
from tests.web.stage import released, set_stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
DAY = date(2026, 1, 29)


def plain(answer: Any) -> str:
    return str(answer.text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("\u202f", " ")


def test_the_figures_count_what_waits_and_what_was_decided() -> None:
    """A certificate that came in accepted was never under review: fails without `pgh_label` in `_decided`."""
    user = UserFactory(username="alice")
    late, _, returned, accepted, refused = (
        a_paper(deposited_on=on)
        for on in (
            date(2025, 11, 20),
            date(2025, 12, 3),
            date(2026, 1, 12),
            date(2026, 1, 19),
            date(2026, 1, 20),
        )
    )
    CoverReview.objects.create(cover=late, assigned_to=user, assigned_on=DAY)
    actions.ask_correction(by=user, why="x", day=DAY, cover=returned, reason=ReviewReason.UNREADABLE)
    actions.accept_cover(by=user, why="x", day=DAY, cover=accepted)
    actions.refuse_cover(by=user, why="x", day=DAY, cover=refused, reason=ReviewReason.UNREADABLE)
    CoverFactory(channel="IMPORT", categories=["COA"])
    figures = review_figures(DAY)
    assert (figures.waiting, figures.late, figures.within_a_week, figures.returned) == (2, 1, 1, 1)
    assert figures.by_holder == [("", 1, 0), ("alice", 1, 1)]
    assert (figures.decided, figures.accepted) == (2, 1)
    assert figures.longest_days is not None
    assert figures.median_days == figures.longest_days


def test_what_was_decided_long_ago_is_not_counted() -> None:
    cover = a_paper()
    actions.accept_cover(by=None, why="x", day=DAY, cover=cover)
    long_after = review_figures(date(2099, 1, 1) + LATELY)
    assert (long_after.decided, long_after.median_days) == (0, None)
    assert "Décidées" in as_role("auditor").get("/espace/rapports/").text


def test_a_batch_tells_what_happened_and_takes_a_note_for_good() -> None:
    stage = set_stage()
    released(stage.batch)
    where = f"/espace/rapports/lots/{stage.batch.pk}/"
    text = plain(as_role("auditor").get(where))
    for said in ("Préparé", "Approuvé", "Lancé", "<dt>Prévus</dt><dd>3</dd>"):
        assert said in text, said
    assert "Ajouter une note" not in text
    assert as_role("auditor").post(where, {"text": "x"}).status_code == 403
    officer = as_role("registry_officer")
    assert officer.post(where, {"text": " "}).status_code == 409
    assert officer.post(where, {"text": "cause : import du 23"}).status_code == 303
    assert IncidentNote.objects.get().text == "cause : import du 23"
    assert "cause : import du 23" in plain(officer.get(where))
    assert officer.get("/espace/rapports/lots/987654/").status_code == 404


def test_a_batch_tells_why_somebody_was_withdrawn_at_the_moment_of_sending() -> None:
    stage = set_stage()
    released(stage.batch)
    reach(Notice.objects.get(batch=stage.batch, rank=1), NoticeState.SKIPPED)
    where, client = f"/espace/rapports/lots/{stage.batch.pk}/", as_role("auditor")
    assert "Écartés au moment de l’envoi : dossier complet (1)." in plain(client.get(where))
    client.cookies["langue"] = "en"
    assert "Withdrawn at the moment of sending: file complete (1)." in plain(client.get(where))


def test_a_batch_tells_who_was_given_up_as_too_late_and_after_which_reply() -> None:
    stage = set_stage()
    released(stage.batch)
    tried, untried = Notice.objects.filter(batch=stage.batch).order_by("rank")[:2]
    Notice.objects.filter(pk=tried.pk).update(attempts=1)
    AttemptFactory(notice=tried, verdict="DEFERRED", code=451, reply="4.7.1 greylisted")
    for notice in (tried, untried):
        reach(notice, NoticeState.EXPIRED)
    where, client = f"/espace/rapports/lots/{stage.batch.pk}/", as_role("auditor")
    text = plain(client.get(where))
    assert "451 4.7.1 greylisted" in text
    assert "1 sans tentative avant le dernier instant utile" in text
    client.cookies["langue"] = "en"
    assert "1 not tried before the last useful instant" in plain(client.get(where))


def test_a_batch_tells_how_many_read_why_and_did_not_call() -> None:
    """Fails without the source that the hotline registers, or with the batch left out of its count."""
    stage = set_stage()
    released(stage.batch)
    where, client = f"/espace/rapports/lots/{stage.batch.pk}/", as_role("auditor")
    assert "Personne n’a encore lu" in plain(client.get(where))
    first, second = Notice.objects.filter(batch=stage.batch).order_by("rank")[:2]
    for notice in (first, second, NoticeFactory()):
        WhyReading.objects.create(notice=notice, opened_at=NOW)
    CallFactory(intermediary=first.intermediary, started_at=NOW)
    assert "2 destinataires ont lu « pourquoi ce message » : 1 n’a pas appelé depuis" in plain(client.get(where))
