"""The queue of certificates and the page of one: what they show, and what a reviewer does on them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry import clock
from registry.models import CorrectionRequest, Cover, CoverReview
from registry.rules.reviews import ReviewReason
from tests.factories import NOW, CorrectionRequestFactory, CoverPaperFactory, DocumentFactory, UserFactory
from tests.web.staff_stage import a_document, a_paper, mark_of
from tests.web.stage import MOST_QUERIES, signed_in
from web.reviews import Whose
from web.views.review_acts import ACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
DAY = clock.local_day(NOW)


def path(cover: Cover, rest: str = "") -> str:
    return f"/espace/pieces/{cover.pk}/{rest}"


def act(client: Client, cover: Cover, name: str, **given: Any) -> Any:
    return client.post(path(cover, f"{name}/"), {"mark": mark_of(cover)} | given)


def status(cover: Cover) -> str:
    return Cover.objects.values_list("status", flat=True).get(pk=cover.pk)


def plain(answer: Any) -> str:
    return str(answer.text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("\u202f", " ")


# --- the queue --------------------------------------------------------------------------------------------


def test_the_queue_leads_with_the_late_ones_and_tells_the_time_left() -> None:
    recent, late = a_paper(), a_paper(deposited_on=date(2025, 11, 20))
    text = plain(signed_in("auditor").get("/espace/pieces/"))
    assert text.index(f"/espace/pieces/{late.pk}/") < text.index(f"/espace/pieces/{recent.pk}/")
    assert "9 jours de retard" in text
    assert "dont <strong>1 en retard" in text


def test_each_part_of_the_queue_holds_its_own() -> None:
    client = signed_in("registry_officer", "moi")
    mine, free, others, returned = a_paper(), a_paper(), a_paper(), a_paper()
    assert act(client, mine, "prendre").status_code == 303
    CoverReview.objects.create(cover=others, assigned_to=UserFactory(), assigned_on=DAY)
    assert act(client, returned, "demander", reason="UNREADABLE").status_code == 303
    expected = {
        Whose.ALL: {mine, free, others},
        Whose.MINE: {mine},
        Whose.NOBODY: {free},
        Whose.RETURNED: {returned},
    }
    for whose, theirs in expected.items():
        text = client.get(f"/espace/pieces/?pour={whose.value}").text
        assert {c for c in (mine, free, others, returned) if f'href="{path(c)}?' in text} == theirs


def test_the_queue_goes_on_where_a_page_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.views.papers.A_PAGE", 1)
    first, second = a_paper(deposited_on=date(2026, 1, 5)), a_paper()
    client = signed_in("auditor")
    assert path(second) not in client.get("/espace/pieces/").text
    text = client.get(f"/espace/pieces/?apres=2026-03-05_{first.pk}").text
    assert path(second) in text
    assert path(first) not in text
    assert client.get("/espace/pieces/?apres=n’importe quoi").status_code == 200


def test_a_lot_accepts_what_is_good_and_leaves_the_rest_to_a_person() -> None:
    """Each is looked at again: one that has become doubtful since it was ticked is left, and told with its reason."""
    good, bad = a_paper(), a_paper(issuer="Assureur inconnu")
    client = signed_in("registry_officer")
    assert f'value="{bad.pk}"' not in client.get("/espace/pieces/").text
    answer = client.post("/espace/pieces/lot/", {"cover": [good.pk, bad.pk, "x", "9" * 40]})
    assert (status(good), status(bad)) == ("ACCEPTED", "DEPOSITED")
    assert "1 attestation acceptée" in plain(answer)
    assert "émetteur inconnu" in plain(answer)
    again = client.post("/espace/pieces/lot/", {"cover": [good.pk]})
    assert "déjà acceptée" in plain(again)


def test_a_lot_of_nothing_or_of_too_many_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("registry_officer")
    assert client.post("/espace/pieces/lot/").status_code == 409
    monkeypatch.setattr("registry.actions.reviews.MOST_AT_ONCE", 0)
    answer = client.post("/espace/pieces/lot/", {"cover": [a_paper().pk]})
    assert answer.status_code == 409
    assert "partagez-le" in answer.text


# --- one certificate --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "is_told"), [("registry_officer", True), ("auditor", False)])
def test_keys_are_told_to_who_has_their_buttons(role: str, is_told: bool) -> None:
    text = plain(signed_in(role).get(path(a_paper())))
    assert ("?touches=" in text) is is_told
    assert ('data-key="a"' in text) is is_told


def test_the_page_shows_what_was_entered_beside_what_was_found() -> None:
    cover = a_paper(issuer="Assureur inconnu")
    CorrectionRequestFactory(cover=cover, ended=True)
    text = plain(signed_in("auditor").get(path(cover)))
    for said in (
        "1 564 610 €",
        "du 1er mars 2026 au 28 février 2027",
        "Émetteur inconnu du registre",
        "Document illisible",
        "Les précédentes de même nature",
    ):
        assert said in text
    assert "Décider" not in text


@pytest.mark.parametrize("name", ["accepter", "demander", "refuser"])
def test_a_decision_is_written_once_and_leads_to_the_next(name: str) -> None:
    """A second press of the same button changes nothing: it is told that nothing waits any more."""
    cover, following = a_paper(), a_paper(deposited_on=date(2026, 1, 14))
    client = signed_in("registry_officer")
    given = {"mark": mark_of(cover), "reason": "UNREADABLE", "note": "page 2", "pour": "personne"}
    answer = client.post(path(cover, f"{name}/"), given)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{path(following)}?pour=personne"
    became = {"accepter": "ACCEPTED", "demander": "RETURNED", "refuser": "REFUSED"}[name]
    assert status(cover) == became
    again = client.post(path(cover, f"{name}/"), given)
    assert again.status_code == 409
    assert status(cover) == became
    assert CorrectionRequest.objects.count() == (name == "demander")


@pytest.mark.parametrize("name", ["accepter", "demander", "refuser"])
def test_what_is_not_any_more_as_it_was_shown_is_not_decided(name: str) -> None:
    """Fails without `as_shown` in the act: a corrected value, or another paper, has come since the page was read."""
    cover, client = a_paper(), signed_in("registry_officer")
    for change in (_another_value, _another_paper):
        mark = mark_of(cover)
        change(cover)
        answer = client.post(path(cover, f"{name}/"), {"mark": mark, "reason": "UNREADABLE", "note": "page 2"})
        assert answer.status_code == 409
        assert "a changé depuis" in answer.text
        assert status(cover) == "DEPOSITED"
        assert f'value="{mark_of(cover)}"' in answer.text


def _another_value(cover: Cover) -> None:
    Cover.objects.filter(pk=cover.pk).update(ends_on=date(2027, 2, 27))


def _another_paper(cover: Cover) -> None:
    CoverPaperFactory(cover=cover, document=a_document(cover))


def test_a_reason_is_chosen_and_what_was_typed_is_kept() -> None:
    cover, client = a_paper(), signed_in("registry_officer")
    answer = act(client, cover, "refuser", reason="", note="voir la page 2")
    assert answer.status_code == 409
    assert "Choisissez un motif" in answer.text
    assert 'value="voir la page 2"' in answer.text
    for name in ("refuser", "demander"):
        answer = act(client, cover, name, reason=ReviewReason.OTHER.value)
        assert answer.status_code == 409
        assert "précision" in answer.text
    assert status(cover) == "DEPOSITED"


def test_a_certificate_is_taken_given_back_and_taken_over() -> None:
    cover, client = a_paper(), signed_in("registry_officer", "moi")
    holder = lambda: CoverReview.objects.values_list("assigned_to__username", flat=True).get(cover=cover)  # noqa: E731
    assert act(client, cover, "prendre").headers["Location"] == f"{path(cover)}?pour=toutes"
    assert holder() == "moi"
    act(client, cover, "rendre")
    assert holder() is None
    CoverReview.objects.filter(cover=cover).update(assigned_to=UserFactory(username="autre"), assigned_on=DAY)
    assert act(client, cover, "prendre").status_code == 409
    assert holder() == "autre"
    assert act(client, cover, "prendre", take_over="on").status_code == 303
    assert holder() == "moi"


def test_the_next_one_is_reached_without_deciding_and_nobody_elses_is() -> None:
    first, others, last = (a_paper(deposited_on=date(2026, 1, day)) for day in (5, 6, 7))
    CoverReview.objects.create(cover=others, assigned_to=UserFactory(), assigned_on=DAY)
    client = signed_in("registry_officer")
    assert client.get(path(first, "suivante/")).headers["Location"].startswith(path(last))
    assert client.get(path(last, "suivante/")).headers["Location"].startswith(path(first))
    act(client, first, "accepter")
    assert act(client, last, "accepter").headers["Location"] == "/espace/pieces/?pour=toutes"


@pytest.mark.parametrize("role", ["auditor", "hotline_agent", "approver"])
def test_who_may_only_look_decides_nothing(role: str) -> None:
    """Fails without REVIEW on the act."""
    cover, client = a_paper(), signed_in(role)
    for name in ACTS:
        assert act(client, cover, name, reason="UNREADABLE").status_code == 403
    assert client.post("/espace/pieces/lot/", {"cover": [cover.pk]}).status_code == 403
    assert status(cover) == "DEPOSITED"


def test_an_act_or_a_certificate_that_is_not_there_is_not_found() -> None:
    cover, client = a_paper(), signed_in("registry_officer")
    assert act(client, cover, "effacer").status_code == 404
    assert client.get("/espace/pieces/987654321/").status_code == 404
    assert client.post(f"/espace/pieces/{10**30}/accepter/").status_code == 404
    assert client.get(path(cover, "document/987654321/")).status_code == 404


# --- the paper --------------------------------------------------------------------------------------------


def test_a_paper_is_served_alone_and_to_our_frame_only() -> None:
    """Fails without ALONE: a file from outside, on our own address, is no page of ours."""
    cover, client = a_paper(), signed_in("auditor")
    paper = cover.papers.get().document
    answer = client.get(path(cover, f"document/{paper.pk}/"))
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'self'"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''attestation.pdf"
    whole = client.get(path(cover, f"document/{paper.pk}/?telecharger=oui"))
    assert whole.headers["Content-Disposition"].startswith("attachment;")
    page = client.get(path(cover))
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    framed = f"{path(cover)}document/{paper.pk}/#navpanes=0&amp;view=FitH"
    assert f'<iframe title="Document déposé&nbsp;: attestation.pdf" src="{framed}"' in page.text


def test_a_paper_that_nobody_scanned_is_opened_by_a_reviewer_knowingly() -> None:
    """Fails without `why_hidden` on the content."""
    cover = a_paper(clean=False)
    where = path(cover, f"document/{cover.papers.get().document_id}/")
    officer, auditor = signed_in("registry_officer"), signed_in("auditor")
    assert officer.get(where).status_code == auditor.get(f"{where}?risque=oui").status_code == 409
    assert "<iframe" not in officer.get(path(cover)).text
    assert "L’afficher à mes risques" in officer.get(path(cover)).text
    assert officer.get(f"{where}?risque=oui").status_code == 200
    shown = officer.get(path(cover, "?risque=oui")).text
    assert f'src="{where}?risque=oui#navpanes=0&amp;view=FitH"' in shown
    assert "affiché à vos risques" in shown
    assert "<iframe" not in auditor.get(path(cover, "?risque=oui")).text


@pytest.mark.parametrize("state", ["infected", "scanning"])
def test_a_paper_that_is_not_to_be_read_is_not(state: str) -> None:
    cover = a_paper()
    paper = DocumentFactory(intermediary=cover.intermediary)
    CoverPaperFactory(cover=cover, document=paper)
    columns = {"infected": {"signature": "Eicar", "scanned_at": NOW}, "scanning": {}}[state]
    type(paper).objects.filter(pk=paper.pk).update(state=state.upper(), **columns)
    client = signed_in("registry_officer")
    assert "<iframe" not in client.get(path(cover, "?risque=oui")).text
    assert client.get(path(cover, f"document/{paper.pk}/?risque=oui")).status_code == 409


def test_a_paper_whose_content_is_lost_says_so() -> None:
    cover = a_paper()
    paper = DocumentFactory(intermediary=cover.intermediary, clean=True)
    CoverPaperFactory(cover=cover, document=paper)
    answer = signed_in("auditor").get(path(cover, f"document/{paper.pk}/"))
    assert answer.status_code == 409
    assert "introuvable ou abîmé" in answer.text


def test_a_paper_is_that_of_the_certificate_in_the_address() -> None:
    mine, other = a_paper(), a_paper()
    client = signed_in("auditor")
    assert client.get(path(mine, f"document/{other.papers.get().document_id}/")).status_code == 404


# --- what it costs ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_review_costs_ten_queries_at_most_with_the_common_facts_kept() -> None:
    """Outside a transaction, as in use: `registry.kept` keeps nothing inside one."""
    cover, client = a_paper(), signed_in("registry_officer")
    for n in range(3):
        a_paper(deposited_on=DAY - timedelta(days=n))
    for address in ("/espace/pieces/", path(cover)):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= MOST_QUERIES, address + "\n".join(q["sql"][:150] for q in asked)
