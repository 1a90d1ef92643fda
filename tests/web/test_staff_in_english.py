"""Whoever of the staff reads English reads no French on the pages of batches, worklists, campaigns, imports, merges."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from registry.intake import uploads
from registry.merges import preview_merge
from registry.models import Intermediary, IntermediaryMerge, RegisterImport, RenewalCampaign, RenewalRequest
from reminders.config import engine_settings
from reminders.models import Batch, StopSwitch
from reminders.planning.approval import cancel_batch, pause_batch, release_batch
from reminders.planning.incident import add_note
from reminders.planning.recall import recall_batch
from reminders.planning.watch import raise_alarm
from reminders.rules import watch
from tests.factories import (
    NOW,
    AttemptFactory,
    DeadlineDecisionFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    SignalFactory,
)
from tests.registry.register_files import COLUMNS, row, written
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import due_file, person, send
from tests.web.languages import in_both, left_in_french, switches
from tests.web.staff_rows import the_order, the_session
from tests.web.staff_stage import as_role
from tests.web.stage import Stage, approved, released, set_stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
Asked = dict[str, Callable[[Client], Any]]


def get(path: str) -> Callable[[Client], Any]:
    return lambda browser: browser.get(path)


def post(path: str, **given: Any) -> Callable[[Client], Any]:
    return lambda browser: browser.post(path, given)


def names() -> list[str]:
    """What is called something, in any language."""
    called = {name for pair in Intermediary.objects.values_list("name", "town", "email") for name in pair}
    people = User.objects.values_list("username", flat=True)
    return sorted(filter(None, {*called, *people, "registre.csv"}))


def french_of(asked: Asked, browser: Client | None = None) -> dict[str, list[str]]:
    """By request, what a page in English still says in French."""
    browser = browser or as_role("administrator")
    known, left = names(), {}
    for name, ask in asked.items():
        english, french = in_both(browser, ask)
        assert english.status_code == french.status_code in (200, 403, 404, 409), name
        if found := left_in_french(english.text, french.text, *known):
            left[name] = found
    return left


# --- pages -------------------------------------------------------------------------------------------------


def fill() -> None:
    """Something in every list."""
    for state, stage, verdict in (("UNCERTAIN", "DOT", "UNCERTAIN"), ("REFUSED", "DATA", "REFUSED_OURS")):
        AttemptFactory(notice=mailed(state), finished_at=NOW, verdict=verdict, stage=stage, code=554, reply="554 non")
    came_back(mailed(person=due_file("08000061"), discharges=None))
    DeadlineDecisionFactory(due_on=date(2026, 3, 31), tolerated_until=date(2026, 3, 31), reason="tempête")
    DeadlineDecisionFactory(freeze=True)
    RenewalRequestFactory(entered=True)
    RenewalRequestFactory(filed=True)
    for number in ("08000071", "08000072"):
        pair = IntermediaryFactory(orias_number=number, name="Cabinet Martin", email="m@example.org")
        RegistrationFactory(intermediary=pair, iob=number.endswith("1"))
    the_order(), the_session(), SignalFactory()


LISTS = {
    "work": "/espace/",
    "switch": "/espace/arret/",
    "batches": "/espace/lots/",
    "plan": "/espace/lots/preparer/",
    "forecast": "/espace/prevision/",
    "campaign": "/espace/campagne/",
    "uncertain": "/espace/exceptions/incertains/",
    "refused": "/espace/exceptions/refuses/",
    "addresses": "/espace/exceptions/adresses/",
    "deadlines": "/espace/delais/",
    "renewals": "/espace/demandes/?annee=2026",
    "fees": "/espace/frais/?annee=2026",
    "merges": "/espace/fusions/?doublons=oui",
    "merge": "/espace/fusions/apercu/?garde=08000071&abandonne=08000072",
    "no merge": "/espace/fusions/apercu/?garde=08000042&abandonne=08000043",
    "imports": "/espace/imports/",
    "reports": "/espace/rapports/",
}


def test_every_list_is_english_throughout(stage: Stage) -> None:
    """Fails for a word that a template or a label forgot."""
    fill()
    assert french_of({name: get(path) for name, path in LISTS.items()}) == {}


def test_a_register_with_nothing_on_its_lists_says_so_in_english(db: None) -> None:
    RenewalCampaign.objects.all().delete()
    empty = {name: get(path) for name, path in LISTS.items() if "merge" not in name}
    assert french_of(empty | {"merges": get("/espace/fusions/")}) == {}


def of_batch(batch: Batch, *rest: str) -> Asked:
    paths = {f"{batch.state} {one}": f"/espace/lots/{batch.pk}/{one}" for one in rest}
    return {name: get(path) for name, path in paths.items()} | {
        f"{batch.state} report": get(f"/espace/rapports/lots/{batch.pk}/")
    }


def again(batch: Batch) -> Batch:
    return Batch.objects.get(pk=batch.pk)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_a_batch_is_english_in_every_state(role: str) -> None:
    due_file("08000051", email="")
    stage, browser = set_stage(), as_role(role)
    planner, batch = person("planner"), stage.batch
    shown = french_of(of_batch(batch, "", "exemples/") | {"work": get("/espace/")}, browser)
    approved(batch)
    shown |= french_of(of_batch(again(batch), "") | {"work approved": get("/espace/")}, browser)
    release_batch(batch_id=batch.pk, by=planner, now=NOW)
    shown |= french_of(of_batch(again(batch), "suivi/"), browser)
    pause_batch(batch_id=batch.pk, by=planner, detail="pour relire")
    for alert in (watch.reported_wrong(("08000041",)), watch.Alert(watch.AlarmCode.STALLED, TOO_LITTLE, {})):
        raise_alarm(batch_id=batch.pk, alert=alert, now=NOW)
    add_note(batch=batch, text="vu avec la messagerie", by=planner, now=NOW)
    shown |= french_of(of_batch(again(batch), "suivi/") | {"work paused": get("/espace/")}, browser)
    cancel_batch(batch_id=batch.pk, by=planner, now=NOW)
    shown |= french_of(of_batch(again(batch), "", "suivi/"), browser)
    assert shown == {}


TOO_LITTLE = "partis d’un palier de 500\u00a0: 3 seulement"


@pytest.mark.django_db(transaction=True)
def test_a_correction_and_its_batch_are_english() -> None:
    stage = set_stage()
    released(stage.batch)
    send()
    made = recall_batch(
        batch_id=stage.batch.pk, by=person("planner"), now=NOW, engine=engine_settings(), reason="mauvaise date"
    ).batch
    assert french_of(of_batch(made, "", "exemples/") | of_batch(again(stage.batch), "", "suivi/")) == {}


# --- doors and the switch ----------------------------------------------------------------------------------


def test_doors_and_refusing_pages_are_english(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"login": get("/connexion/"), "wrong login": post("/connexion/", username="alice", password="non")}
    shown = french_of(asked, Client())
    shown |= french_of({"forbidden": get("/espace/arret/")}, as_role("auditor"))

    def refused(**_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO reminders_settlement (decision) VALUES ('x')")

    monkeypatch.setattr("web.views.exceptions.settle", refused)
    broken = post("/espace/exceptions/partie/1/", reason="x")
    assert in_both(as_role("administrator"), transactional(broken))[1].status_code == 409
    shown |= french_of({"refused by the database": transactional(broken)})
    assert shown == {}


def transactional(ask: Callable[[Client], Any]) -> Callable[[Client], Any]:
    """As a request of its own: what the database refuses in it leaves the test's transaction whole."""

    def asked(browser: Client) -> Any:
        with transaction.atomic():
            answer = ask(browser)
            transaction.set_rollback(True)
        return answer

    return asked


def test_a_stopped_register_says_so_in_english(stage: Stage) -> None:
    browser = as_role("administrator")
    browser.post("/espace/arret/", {"reason": "doute sur le lot", "sure": "on"}, follow=True)
    assert StopSwitch.objects.get().stopped
    assert french_of({"switch": get("/espace/arret/"), "batch": get(f"/espace/lots/{stage.batch.pk}/")}) == {}
    assert "doute sur le lot" in reading("en", browser).get("/espace/lots/").text


def test_the_switch_of_languages_stands_on_every_page_and_comes_back(stage: Stage) -> None:
    fill()
    browser = as_role("administrator")
    pages = {**LISTS, "batch": f"/espace/lots/{stage.batch.pk}/", "login": "/connexion/"}
    for name, path in pages.items():
        [link] = switches(reading("en", browser if name != "login" else None).get(path).text)
        assert "langue=fr&" in link, name
        assert browser.get(link).headers["Location"] == path, name
    [link] = switches(browser.get("/espace/").text)
    assert "langue=en&" in link


def test_who_was_refused_reads_it_in_another_language_where_it_was_asked(stage: Stage) -> None:
    """Fails without `_here`: the address of the act takes a POST alone."""
    asked, page = f"/espace/lots/{stage.batch.pk}/approuver/", f"/espace/lots/{stage.batch.pk}/?avant=3"
    browser = as_role("approver")
    for came, back in ((f"http://testserver{page}", page), ("https://example.org/", asked), ("", asked)):
        answer = browser.post(asked, {"count": "x"}, headers={"referer": came})
        assert answer.status_code == 409
        [link] = switches(answer.text)
        assert browser.get(link).headers["Location"] == back
    assert browser.get(page).status_code == 200


def reading(language: str, browser: Client | None = None) -> Client:
    """That browser, or one that nobody has signed in with, in that language."""
    browser = browser or Client()
    browser.cookies["langue"] = language
    return browser


# --- imports and merges ------------------------------------------------------------------------------------


def compared(tmp_path: Path, *rows: list[str]) -> str:
    """Where the comparison of such a file is shown."""
    content = written(tmp_path / "r.csv", *rows).read_bytes()
    given = {"file": SimpleUploadedFile("registre.csv", content)}
    return str(as_role("registry_officer").post("/espace/imports/deposer/", given).headers["Location"])


def test_an_import_is_english_from_the_comparison_to_the_agreement(tmp_path: Path) -> None:
    where = compared(tmp_path, row(1), row(2, email="sans arobase"), row(3, siren="123"), row(4, categorie="ZZZ"))
    officer = as_role("registry_officer")
    shown = french_of({"compared": get(where)}, officer) | french_of({"compared by another": get(where)})
    shown |= french_of({"unsigned": post(f"{where}signer/", reason="")}, officer)
    signed = str(officer.post(f"{where}signer/", {"reason": "reçu", "skip_errors": "on"}).headers["Location"])
    shown |= french_of({"signed, mine": get(signed)}, officer) | french_of({"signed": get(signed)})
    shown |= french_of({"auditor": get(signed)}, as_role("auditor"))
    done = as_role("approver").post(signed, follow=True)
    assert RegisterImport.objects.count() == 1
    shown |= french_of({"applied": get("/espace/imports/"), "gone": post(signed)})
    assert (shown, done.status_code) == ({}, 200)


BAD_FILES = {
    "empty": b"", "workbook": b"PK\x03\x04 classeur", "not utf-8": b"numero_orias;\xc3\x28\x81",
    "no titles": b"a,b\n1,2\n", "titles alone": ";".join(COLUMNS).encode(), "long": b"x" * 20_000,
}  # fmt: skip


def test_what_is_no_register_file_is_refused_in_english(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 19_999)
    asked = {name: deposit(content) for name, content in BAD_FILES.items()}
    assert french_of(asked, as_role("registry_officer")) == {}


def deposit(content: bytes) -> Callable[[Client], Any]:
    def asked(browser: Client) -> Any:
        given = {"file": SimpleUploadedFile("r.csv", content)} if content else {}
        return browser.post("/espace/imports/deposer/", given)

    return asked


def test_a_merge_is_english_from_the_preview_to_its_undoing(stage: Stage) -> None:
    fill()
    officer, approver = as_role("registry_officer"), as_role("approver")
    shown = {"keep": "08000071", "drop": "08000072", "hash": preview_merge("08000071", "08000072").hash}
    sign = "/espace/fusions/signer/"
    left = french_of(
        {
            "unsigned": post(sign, **shown),
            "changed": post(sign, **shown | {"hash": "0" * 64}),
            "impossible": post(sign, **shown | {"keep": "08000042", "drop": "08000043"}),
            "unknown": post(sign, **shown | {"keep": "99999999"}),
        },
        officer,
    )
    where = str(officer.post(sign, shown | {"reason": "inscrit deux fois"}).headers["Location"])
    left |= french_of({"signed, mine": get(where)}, officer) | french_of({"signed": get(where)}, approver)
    approver.post(where, follow=True)
    made = IntermediaryMerge.objects.get()
    left |= french_of({"again": post(where), "agreed": get(where), "made": get("/espace/fusions/")})
    undo = f"/espace/fusions/{made.pk}/defaire/"
    left |= french_of({"no reason": post(undo)}, officer)
    officer.post(undo, {"reason": "deux cabinets"}, follow=True)
    left |= french_of({"undone": get("/espace/fusions/"), "twice": post(undo, reason="x")}, officer)
    assert left == {}


# --- acts: what is told after, and what is refused ---------------------------------------------------------


def told_after(browser: Client, path: str, **given: Any) -> str:
    """What the page says after an act that is done."""
    browser.cookies["langue"] = "en"
    answer = browser.post(path, given, follow=True)
    assert answer.status_code == 200, answer.text
    [line] = re.findall(r'<div class="notice good" role="status"><p>(.*?)</p>', answer.text)
    assert not left_in_french(answer.text, "", *names())
    return html.unescape(line)


def test_what_is_done_is_told_in_english(stage: Stage) -> None:
    """Fails where an act tells its deed in French."""
    officer, batch = as_role("registry_officer"), f"/espace/lots/{stage.batch.pk}"
    fill()
    count = {"count": str(stage.batch.planned), "hash": stage.batch.hash}
    assert told_after(as_role("approver"), f"{batch}/approuver/", **count).startswith("Batch approved.")
    for act, given, said in (
        ("lancer", {}, "Batch released"),
        ("suspendre", {"reason": "pour voir"}, "Batch paused"),
        ("reprendre", {"reason": "vu"}, "Batch resumed"),
        ("annuler", {"sure": "on"}, "Batch cancelled"),
    ):
        assert told_after(officer, f"{batch}/{act}/", **given).startswith(said)
    assert told_after(officer, "/espace/arret/", reason="essai", sure="on").startswith("Sending is stopped")
    assert told_after(officer, "/espace/arret/", act="resume") == "Sending is open again."
    assert told_after(officer, f"/espace/rapports/lots/{stage.batch.pk}/", text="vu") == "Note added."


def test_what_is_done_of_a_campaign_is_told_in_english(stage: Stage) -> None:
    fill()
    officer, admin = as_role("registry_officer"), as_role("administrator")
    shift = {"what": "shift", "year": "2026", "due_on": "2026-04-01", "reason": "tempête", "act_reference": "CI-9"}
    shown = in_both(admin, post("/espace/delais/decider/", **shift))
    assert left_in_french(shown[0].text, shown[1].text, *names(), "CI-9") == []
    mark = re.search(r'name="hash" value="([0-9a-f]{64})"', shown[0].text)
    assert mark
    assert "signed" in told_after(admin, "/espace/delais/decider/", **shift, hash=mark[1])
    asked, year = "/espace/demandes/", {"annee": "2026", "reason": "essai"}
    shown = in_both(officer, post(f"{asked}ouvrir/", **year))
    assert left_in_french(shown[0].text, shown[1].text, *names()) == []
    total = re.search(r'name="total" value="(\d+)"', shown[0].text)
    assert total
    assert told_after(officer, f"{asked}ouvrir/", **year, total=total[1]).startswith("Requests opened")
    entered = RenewalRequest.objects.get(state="ENTERED")
    assert told_after(officer, f"{asked}{entered.pk}/confirmer/", filed_on="2026-01-20") == "Filing confirmed."
    mark = re.search(r'name="shown" value="([0-9a-f]{64})"', officer.get("/espace/frais/?annee=2026").text)
    assert mark
    written_ = told_after(officer, "/espace/frais/ecrire/", annee="2026", reason="x", shown=mark[1])
    assert written_.endswith("written: the thirty days will run from their posting.")
    assert french_of({"letters": get("/espace/frais/?annee=2026")}, officer) == {}
    assert "posted" in told_after(officer, "/espace/frais/postees/", annee="2026", reason="x", posted_on="2026-01-29")


REFUSED: dict[str, tuple[str, dict[str, str]]] = {
    "count": ("/espace/lots/{batch}/approuver/", {"count": "trois"}),
    "no hash": ("/espace/lots/{batch}/approuver/", {"count": "7"}),
    "wrong count": ("/espace/lots/{batch}/approuver/", {"count": "7", "hash": "{hash}"}),
    "not approved": ("/espace/lots/{batch}/lancer/", {}),
    "not sure": ("/espace/lots/{batch}/annuler/", {}),
    "not released": ("/espace/lots/{batch}/suspendre/", {}),
    "no reason": ("/espace/lots/{batch}/rectifier/", {}),
    "nothing left": ("/espace/lots/{batch}/rectifier/", {"reason": "x"}),
    "no day": ("/espace/lots/preparer/", {"day": "hier"}),
    "another age": ("/espace/lots/preparer/", {"day": "9999-12-31"}),
    "past day": ("/espace/lots/preparer/", {"day": "2026-01-28"}),
    "no wave": ("/espace/lots/preparer/", {"day": "2026-01-30", "wave": "D-999"}),
    "stop, no yes": ("/espace/arret/", {"reason": "x"}),
    "stop, no reason": ("/espace/arret/", {"sure": "on"}),
    "settle": ("/espace/exceptions/partie/999999/", {"reason": "x"}),
    "settle, no reason": ("/espace/exceptions/partie/999999/", {}),
    "address, no reason": ("/espace/exceptions/changer/08000061/", {}),
    "no address": ("/espace/exceptions/changer/08000061/", {"reason": "x", "new": "sans arobase"}),
    "other address": ("/espace/exceptions/changer/08000061/", {"reason": "x", "new": "a@b.example", "email": "z"}),
    "confirm": ("/espace/exceptions/confirmer/08000042/", {"reason": "x"}),
    "note": ("/espace/rapports/lots/{batch}/", {"text": " "}),
    "shift, no act": ("/espace/delais/decider/", {"what": "shift", "year": "2026", "due_on": "2026-04-01"}),
    "shift, no day": ("/espace/delais/decider/", {"what": "shift", "year": "2026", "due_on": "le 31"}),
    "shift, no year": ("/espace/delais/decider/", {"what": "shift", "year": "deux mille"}),
    "freeze": ("/espace/delais/decider/", {"what": "freeze", "from_on": "2026-01-26", "until_on": "2026-01-20"}),
    "revert": ("/espace/delais/decider/", {"what": "revert", "number": "987654", "reason": "x"}),
    "decide": ("/espace/delais/decider/", {"what": "autre"}),
    "open": ("/espace/demandes/ouvrir/", {"annee": "2026"}),
    "open what": ("/espace/demandes/ouvrir/", {"annee": "2040", "reason": "x"}),
    "open, changed": ("/espace/demandes/ouvrir/", {"annee": "2026", "reason": "x", "total": "999"}),
    "paper": ("/espace/demandes/papier/", {"annee": "2026", "reason": "x", "category": "ZZ"}),
    "paper, day": ("/espace/demandes/papier/", {"annee": "2026", "reason": "x", "category": "COA", "filed_on": "x"}),
    "paper, whose": (
        "/espace/demandes/papier/",
        {"annee": "2026", "reason": "x", "category": "COA", "filed_on": "2026-01-20", "number": "99999999"},
    ),
    "confirm paper": ("/espace/demandes/999999/confirmer/", {}),
    "fee": ("/espace/demandes/reglement/", {"annee": "2026", "category": "COA", "number": "99999999"}),
    "letters": ("/espace/frais/ecrire/", {"annee": "2026", "reason": "x", "shown": "0"}),
    "posted": ("/espace/frais/postees/", {"annee": "2026", "reason": "x", "posted_on": "2020-01-29"}),
    "pair": ("/espace/fusions/ecarter/", {"first": "08000042", "second": "08000042", "reason": "x"}),
}


def test_every_refusal_is_english_on_its_page(stage: Stage) -> None:
    """Fails for a sentence without its English, from the form to the page."""
    fill()
    batch = stage.batch
    hashed = {name: {k: v.format(hash=batch.hash) for k, v in given.items()} for name, (_, given) in REFUSED.items()}
    asked = {name: post(path.format(batch=batch.pk), **hashed[name]) for name, (path, _) in REFUSED.items()}
    browser, known, left = reading("en", as_role("administrator")), names(), {}
    for name, ask in asked.items():
        answer = ask(browser)
        assert answer.status_code == 409, name
        if found := left_in_french(answer.text, "", *known):
            left[name] = found
    assert left == {}
