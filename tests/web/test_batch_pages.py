"""The pages of a batch: what they show, and what people do on them, by the acts that the commands use."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from registry.findings import refresh_findings
from reminders.models import Batch, StopSwitch
from reminders.planning.forecast import forecast
from reminders.rules.sender import Disarmed
from settings.embedded import BASE_DIR
from tests.factories import BatchFactory
from tests.reminders.scenes import DAY, due_file, person, send
from tests.web.stage import Page, Stage, approved, released, set_stage, signed_in
from web.batches import funnel_of
from web.views import batch_acts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]


def path(batch: Batch, rest: str = "") -> str:
    return f"/espace/lots/{batch.pk}/{rest}"


def plain(answer: Any) -> str:
    return str(answer.text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("\u202f", " ")


def state_of(batch: Batch) -> str:
    return str(Batch.objects.get(pk=batch.pk).state)


def test_the_preview_shows_the_funnel_with_its_table_the_brakes_and_the_hash(stage: Stage) -> None:
    text = plain(signed_in("auditor").get(path(stage.batch)))
    for said in (
        "Au registre : 3",
        "Recevront le message : 3",
        "Les mêmes nombres en tableau",
        stage.batch.hash,
        "Freins",
    ):
        assert said in text
    assert "Appels attendus" in text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_names_beside_the_funnel_have_room(stage: Stage, language: str) -> None:
    """Fails for one of more than 25 letters: they stand in 224 units, nearly nine a letter, and are cut beyond."""
    recall = Batch(kind="RECALL", corrects=stage.batch, planned=3, conservation={})
    with translation.override(language):
        names = [bar.name for batch in (stage.batch, recall) for bar in funnel_of(batch).rows]
    assert max(map(len, names)) <= 25, names


def test_a_wave_is_not_broken_at_its_hyphen_on_a_narrow_page(stage: Stage) -> None:
    """« D- » at the end of a line and « 30 » on the next: fails without the class, or its rule."""
    auditor = signed_in("auditor")
    for address in (path(stage.batch), "/espace/lots/"):
        text = auditor.get(address).text
        assert stage.batch.waves
        for wave in stage.batch.waves:
            assert f'<span class="whole">{wave}</span>' in text
    assert ".whole { white-space: nowrap; }" in (BASE_DIR / "web/static/web/site.css").read_text(encoding="utf-8")


def test_reasons_for_leaving_out_are_told_in_words(client: Client) -> None:
    due_file("08000051", email="")
    planned = set_stage().batch
    assert "Aucune adresse électronique : 1" in plain(signed_in("auditor").get(path(planned)))


def test_a_second_person_types_the_number_and_approves(stage: Stage) -> None:
    answer = signed_in("approver").post(path(stage.batch, "approuver/"), {"count": "3", "hash": stage.batch.hash})
    assert answer.status_code == 303
    assert answer.headers["Location"] == path(stage.batch)
    approver = Batch.objects.select_related("approved_by").get(pk=stage.batch.pk).approved_by
    assert approver is not None
    assert approver.username == "approver"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": "4"}, "compte 3"),
        ({"count": ""}, "Tapez le nombre de destinataires"),
        ({"count": "trois"}, "Tapez le nombre de destinataires"),
        ({"count": "3", "hash": "0" * 64}, "L’empreinte donnée n’est pas celle du lot"),
    ],
)
def test_a_refusal_is_told_in_place_with_what_was_typed(stage: Stage, given: dict[str, str], said: str) -> None:
    answer = signed_in("approver").post(path(stage.batch, "approuver/"), {"hash": stage.batch.hash} | given)
    assert answer.status_code == 409
    assert said in plain(answer)
    found = Page(answer.text)
    (typed,) = [field for field in found.all("input") if field.get("name") == "count"]
    assert typed["value"] == given["count"]
    assert typed["aria-invalid"] == "true"
    assert state_of(stage.batch) == "DRAFT"


def test_who_prepared_it_is_shown_no_form_and_is_refused(stage: Stage) -> None:
    """I6 on the page: fails without `_require_second_person`."""
    client = signed_in("administrator")
    author = client.session["_auth_user_id"]
    mine = BatchFactory(author_id=author, as_of=DAY, only_wave="D-30")
    text = client.get(path(mine)).text
    assert "une autre personne l’approuve" in text
    assert 'name="count"' not in text
    answer = client.post(path(mine, "approuver/"), {"count": str(mine.planned), "hash": mine.hash})
    assert answer.status_code == 409
    assert "une autre personne doit l’approuver" in answer.text


def test_a_batch_is_prepared_approved_released_paused_resumed_and_cancelled(stage: Stage) -> None:
    officer = signed_in("registry_officer")
    approved(stage.batch)
    assert "Lancer le lot" in officer.get(path(stage.batch)).text
    for act, given, becomes in (
        ("lancer", {}, "RELEASING"),
        ("suspendre", {"reason": "pour relire"}, "PAUSED"),
        ("reprendre", {"reason": "relu"}, "RELEASING"),
        ("annuler", {"sure": "on"}, "CANCELLED"),
    ):
        answer = officer.post(path(stage.batch, f"{act}/"), given)
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"] == path(stage.batch, "suivi/")
        assert state_of(stage.batch) == becomes


@pytest.mark.parametrize("typed", ["1 800", "1\u202f800", "1\u00a0800", "1,800", "1800"])
def test_a_number_of_recipients_is_typed_as_either_language_writes_it(
    stage: Stage, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []

    def approve(**given: Any) -> Batch:
        counts.append(given["count"])
        return stage.batch

    monkeypatch.setattr(batch_acts, "approve_batch", approve)
    signed_in("approver").post(path(stage.batch, "approuver/"), {"count": typed, "hash": stage.batch.hash})
    assert counts == [1800]


def test_a_batch_of_which_nothing_left_is_not_offered_to_be_corrected(stage: Stage) -> None:
    officer = signed_in("registry_officer")
    approved(stage.batch)
    officer.post(path(stage.batch, "lancer/"))
    officer.post(path(stage.batch, "annuler/"), {"sure": "on"})
    assert state_of(stage.batch) == "CANCELLED"
    assert "rectificatif" not in officer.get(path(stage.batch, "suivi/")).text


def test_a_cancellation_is_confirmed(stage: Stage) -> None:
    answer = signed_in("approver").post(path(stage.batch, "annuler/"))
    assert answer.status_code == 409
    assert "Cochez la case" in answer.text
    assert state_of(stage.batch) == "DRAFT"


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_said_to_and_no_instant_stands_twice_in_the_table(stage: Stage) -> None:
    """Fails where a batch of one minute is told by the hour and minute: the same one, with other numbers."""
    released(stage.batch)
    client = signed_in("approver")
    assert "dont à envoyer : 3" in plain(client.get(path(stage.batch, "suivi/")))
    send()
    instants = re.findall(r'<th scope="row">([^<]+)</th>', client.get(path(stage.batch, "suivi/")).text)
    assert instants
    assert len(instants) == len(set(instants))


def test_a_pause_is_shown_with_its_reason(stage: Stage) -> None:
    released(stage.batch)
    client = signed_in("approver")
    client.post(path(stage.batch, "suspendre/"), {"reason": "deux appels étranges"})
    text = client.get(path(stage.batch, "suivi/")).text
    assert "deux appels étranges" in text
    assert "Reprendre" in text


@pytest.mark.parametrize("act", ["lancer", "suspendre", "reprendre", "rectifier"])
def test_what_a_draft_may_not_become_is_refused_in_words(stage: Stage, act: str) -> None:
    answer = signed_in("administrator").post(path(stage.batch, f"{act}/"), {"reason": "pour voir"})
    assert answer.status_code == 409
    assert "Ce n’est pas fait." in answer.text


def test_what_is_no_act_and_what_is_no_batch_is_not_there(stage: Stage) -> None:
    client = signed_in("administrator")
    assert client.post(path(stage.batch, "detruire/")).status_code == 404
    assert client.post("/espace/lots/999999/annuler/").status_code == 404
    assert client.get("/espace/lots/999999/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_live_page_counts_and_asks_again_until_it_is_over(stage: Stage) -> None:
    released(stage.batch)
    client = signed_in("auditor")
    found = Page(client.get(path(stage.batch, "suivi/")).text)
    (live,) = [attrs for _, attrs in found.tags if attrs.get("id") == "live"]
    assert live["hx-get"] == path(stage.batch, "suivi/")
    assert any("htmx" in str(script["src"]) for script in found.all("script"))
    (config,) = [meta for meta in found.all("meta") if meta.get("name") == "htmx-config"]
    assert '"allowEval":false' in str(config["content"])
    assert '"includeIndicatorStyles":false' in str(config["content"])
    send()
    text = client.get(path(stage.batch, "suivi/")).text
    assert "acceptés : 3" in plain(client.get(path(stage.batch, "suivi/")))
    assert "hx-get" not in text
    assert "htmx" not in "".join(Page(text).loaded)


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_ended_is_corrected_with_a_reason(stage: Stage) -> None:
    released(stage.batch)
    send()
    client = signed_in("registry_officer")
    assert "Préparer un rectificatif" in client.get(path(stage.batch, "suivi/")).text
    assert client.post(path(stage.batch, "rectifier/"), {"reason": " "}).status_code == 409
    answer = client.post(path(stage.batch, "rectifier/"), {"reason": "mauvaise date"})
    recall = Batch.objects.get(corrects=stage.batch)
    assert answer.headers["Location"] == path(recall)
    text = plain(client.get(path(recall)))
    assert "mauvaise date" in text
    assert "Recevront le rectificatif : 3" in text
    assert f"lot {recall.pk}" in plain(client.get(path(stage.batch)))


def test_samples_are_whole_messages(stage: Stage) -> None:
    text = signed_in("auditor").get(path(stage.batch, "exemples/")).text
    assert text.count('<div class="mail" lang="fr">') == 3
    assert "durand@example.org" in text


def test_a_batch_is_planned_for_a_day_and_a_wave() -> None:
    due_file("08000061")
    client = signed_in("registry_officer")
    refresh_findings(as_of=DAY)
    answer = client.post("/espace/lots/preparer/", {"day": DAY.isoformat(), "wave": "D-30"})
    batch = Batch.objects.get()
    assert answer.headers["Location"] == path(batch)
    assert (batch.as_of, batch.only_wave, batch.planned) == (DAY, "D-30", 1)
    client.post("/espace/lots/preparer/", {"day": DAY.isoformat(), "wave": "D-30"})
    assert Batch.objects.count() == 1
    assert "Ce lot était déjà préparé : le voici." in plain(client.get(path(batch)))


@pytest.mark.parametrize(
    ("day", "wave", "said", "status"),
    [
        ("2026-01-29", "", "Personne n’est à relancer", 200),
        ("hier", "", "Donnez le jour du lot", 409),
        ("9999-12-31", "", "entre 2000 et 2199", 409),
        ("2026-01-28", "", "Ce n’est pas fait.", 409),
        ("2026-01-29", "D-999", "Ce n’est pas fait.", 409),
    ],
)
def test_a_plan_that_makes_nothing_says_why(day: str, wave: str, said: str, status: int) -> None:
    answer = signed_in("registry_officer").post("/espace/lots/preparer/", {"day": day, "wave": wave})
    assert answer.status_code == status
    assert said in plain(answer)
    assert not Batch.objects.exists()


def test_the_list_has_fifty_a_page_and_goes_on(stage: Stage) -> None:
    for _ in range(50):
        BatchFactory(state="DRAFT", as_of=DAY, only_wave=f"W{Batch.objects.count()}")
    client = signed_in("auditor")
    text = client.get("/espace/lots/").text
    assert text.count('<th scope="row">') == 50
    (older,) = [a["href"] for a in Page(text).all("a") if str(a["href"]).startswith("?avant=")]
    assert client.get(f"/espace/lots/{older}").text.count('<th scope="row">') == 1
    assert client.get("/espace/lots/?avant=99999999999999").status_code == 200


# --- the stop switch ---------------------------------------------------------------------------------------


def test_the_switch_is_on_every_page_of_those_who_may_and_takes_a_reason_and_a_yes() -> None:
    client = signed_in("approver")
    assert "Arrêter tous les envois" in client.get("/espace/").text
    assert "Arrêter tous les envois" not in signed_in("auditor").get("/espace/").text
    for given in ({"reason": "doute"}, {"sure": "on", "reason": " "}):
        assert client.post("/espace/arret/", given).status_code == 409
        assert not StopSwitch.objects.get().stopped
    assert client.post("/espace/arret/", {"reason": "doute sur le lot", "sure": "on"}).status_code == 303
    switch = StopSwitch.objects.get()
    assert (switch.stopped, switch.reason) == (True, "doute sur le lot")
    text = client.get("/espace/lots/").text
    assert "Les envois sont arrêtés" in text
    assert "doute sur le lot" in text


def test_sending_is_opened_again_but_not_on_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """I13 on the page: fails without the question to `database_trouble`."""
    client = signed_in("approver")
    client.post("/espace/arret/", {"reason": "doute", "sure": "on"})
    with monkeypatch.context() as patch:
        patch.setattr("web.views.staff.database_trouble", lambda: Disarmed.NO_IDENTITY)
        answer = client.post("/espace/arret/", {"act": "resume"})
        assert answer.status_code == 409
        assert StopSwitch.objects.get().stopped
    client.post("/espace/arret/", {"act": "resume"})
    assert not StopSwitch.objects.get().stopped


def test_work_says_whose_turn_it_is(stage: Stage) -> None:
    approver, officer = signed_in("approver"), signed_in("registry_officer")
    assert "à relire et approuver" in approver.get("/espace/").text
    assert "attend une seconde personne" in officer.get("/espace/").text
    approved(stage.batch)
    assert "à lancer" in officer.get("/espace/").text
    assert "attend son lancement" in signed_in("auditor").get("/espace/").text


# --- signing in ------------------------------------------------------------------------------------------------


def test_one_signs_in_goes_where_one_wanted_and_signs_out(client: Client) -> None:
    someone = person("alice")
    someone.set_password("une phrase assez longue")
    someone.is_staff = True
    someone.save()
    assert "inexact" in client.post("/connexion/", {"username": "alice", "password": "non"}).text
    given = {"username": "alice", "password": "une phrase assez longue", "next": "/espace/lots/"}
    assert client.post("/connexion/", given).headers["Location"] == "/espace/lots/"
    assert client.get("/espace/").status_code == 200
    assert client.post("/deconnexion/").status_code == 302
    assert client.get("/espace/").status_code == 302


def test_nobody_is_sent_to_another_site_after_signing_in(client: Client) -> None:
    someone = person("alice")
    someone.set_password("une phrase assez longue")
    someone.is_staff = True
    someone.save()
    given = {"username": "alice", "password": "une phrase assez longue", "next": "https://example.org/"}
    assert client.post("/connexion/", given).headers["Location"] == "/espace/"


def test_the_forecast_tells_what_released_batches_have_still_to_send(stage: Stage) -> None:
    """Fails where they fall out of it: a lead would plan one agent for a wave that leaves as soon as it is resumed."""
    client = signed_in("auditor")
    before = plain(client.get("/espace/prevision/"))
    assert "de lots déjà lancés" not in before
    released(stage.batch)
    after = plain(client.get("/espace/prevision/"))
    assert "S’y ajoutent 3 relances de lots déjà lancés, qui partiront" in after
    signed_in("approver").post(path(stage.batch, "annuler/"), {"sure": "on"})
    assert "de lots déjà lancés" not in plain(client.get("/espace/prevision/"))


def test_a_forecast_is_kept_for_its_batches_and_says_when_it_was_made(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the batches in its key: a cancelled one stayed missing from it for ten minutes."""
    made = []

    def counted_forecast(days: Any, engine: Any) -> list[Any]:
        made.append(days)
        return forecast(days, engine)

    monkeypatch.setattr("web.seasons.forecast", counted_forecast)
    client = signed_in("auditor")
    assert "Calculé le 29 janvier 2026 à 10 h 30." in plain(client.get("/espace/prevision/"))
    client.get("/espace/prevision/")
    assert len(made) == 1
    released(stage.batch)
    client.get("/espace/prevision/")
    assert len(made) == 2
