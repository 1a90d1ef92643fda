"""The commands for what comes after a mailing: what they print, write, refuse, and who may use them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from registry import clock
from registry.management.console import Failed, WrongUse
from reminders.messages.tokens import mail_token
from reminders.models import AddressConfirmation, IncidentNote, Settlement
from reminders.rules.states import NoticeState
from settings.mailbox import MailboxSettings
from tests.factories import NOW, UserFactory, reach
from tests.reminders.recalling import gone_wrong, recalled, released
from tests.reminders.returned import about, came_back, mailed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each role, at NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for name, role in {"odile": "registry_officer", "hugo": "hotline_agent"}.items():
        UserFactory(username=name).groups.add(Group.objects.get(name=role))


def run(command: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def told(command: str, *arguments: Any) -> Any:
    return json.loads(run(command, *arguments, "--json"))


# --- read_bounces ---


def test_read_bounces_tells_what_it_found_as_json_and_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    (tmp_path / "mail.eml").write_bytes(about(mailed("UNCERTAIN")))
    assert told("read_bounces", tmp_path / "mail.eml") == {
        "read": 1,
        "stored": 1,
        "matched": 1,
        "unmatched": 0,
        "known": 0,
        "left_alone": 0,
        "settled": 1,
        "by_kind": {"HARD_ADDRESS": 1},
    }
    run("read_bounces", tmp_path / "mail.eml")
    assert "Déjà connus\u00a0: 1" in capsys.readouterr().out
    (tmp_path / "other.eml").write_bytes(about(mailed("UNCERTAIN"), "complaint_arf"))
    run("read_bounces", tmp_path / "other.eml")
    shown = capsys.readouterr().out
    assert "Signalé comme indésirable" in shown
    assert "réglées par un rapport\u00a0: 1" in shown


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        ((), WrongUse, "BOUNCES_URL"),
        (("pop3://a:hunter2@b.example",), WrongUse, "imap://"),
        (("/nowhere/at/all",), WrongUse, "n’existe pas"),
        (("",), WrongUse, "est vide"),
    ],
)
def test_read_bounces_refuses_what_it_cannot_read(source: tuple[str, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said) as refusal:
        run("read_bounces", *source)
    assert "hunter2" not in str(refusal.value)


def test_read_bounces_reads_the_mailbox_that_is_set(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "mail.eml").write_bytes(about(mailed()))
    settings.BOUNCES = MailboxSettings(path=tmp_path / "mail.eml")
    assert told("read_bounces")["stored"] == 1


# --- dead_addresses ---


def test_dead_addresses_are_listed_as_json_as_a_spreadsheet_and_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("dead_addresses")
    assert "Aucune adresse hors d’usage" in capsys.readouterr().out
    notice = mailed()
    came_back(notice)
    number = notice.intermediary.orias_number
    (row,) = told("dead_addresses", "--csv", tmp_path / "list.csv")["dead_addresses"]
    assert (row["orias_number"], row["hard"]) == (number, 1)
    with (tmp_path / "list.csv").open(encoding="utf-8-sig") as file:
        (line,) = csv.DictReader(file, delimiter=";")
    assert (line["numero_orias"], line["email"]) == (number, notice.email)
    run("dead_addresses")
    shown = capsys.readouterr().out
    assert number in shown
    assert "pour une autre adresse\u00a0: 1" in shown


def test_an_address_is_confirmed_by_who_may_and_says_how() -> None:
    notice = mailed()
    came_back(notice)
    number = notice.intermediary.orias_number
    for arguments, error in (
        (("--by", "odile"), WrongUse),
        (("--reason", "vu"), WrongUse),
        (("--reason", "vu", "--by", "hugo"), Failed),
    ):
        with pytest.raises(error):
            run("dead_addresses", "--confirm", number, *arguments)
    assert AddressConfirmation.objects.count() == 0
    assert "confirmée" in run("dead_addresses", "--confirm", number, "--reason", "vu", "--by", "odile")
    assert told("dead_addresses")["dead_addresses"] == []
    came_back(notice, days=1)
    answer = told("dead_addresses", "--confirm", number, "--reason", "vu", "--by", "odile")
    assert (answer["orias_number"], answer["confirmed"]) == (number, True)


# --- settle_uncertain ---


def test_the_uncertain_are_listed_and_settled_by_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    run("settle_uncertain", "--list")
    assert "Aucune relance incertaine" in capsys.readouterr().out
    one, other = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    assert [row["notice"] for row in told("settle_uncertain", "--list")["uncertain"]] == [one.pk, other.pk]
    run("settle_uncertain", "--list")
    assert "À régler\u00a0: 2" in capsys.readouterr().out
    decided = ("--reason", "vu", "--by", "odile")
    assert "à prévoir de nouveau" in run("settle_uncertain", one.pk, "--send-again", *decided)
    assert told("settle_uncertain", other.pk, "--as-sent", *decided)["decision"] == "AS_SENT"
    assert sorted(Settlement.objects.values_list("decision", "by__username")) == [
        ("AS_SENT", "odile"),
        ("SEND_AGAIN", "odile"),
    ]


def test_a_person_is_told_what_plans_it_again() -> None:
    """A correction is no reminder: the next plan would never take it up."""
    reminder = mailed("UNCERTAIN")
    wrong = gone_wrong(1)
    correction = reach(released(recalled(wrong)).notices.get(), NoticeState.UNCERTAIN)
    assert {row["notice"]: row["corrects"] for row in told("settle_uncertain", "--list")["uncertain"]} == {
        reminder.pk: None,
        correction.pk: wrong.pk,
    }
    decided = ("--send-again", "--reason", "vu", "--by", "odile")
    assert "par plan_reminders si elle est encore due" in run("settle_uncertain", reminder.pk, *decided)
    assert f"par recall_batch {wrong.pk}." in run("settle_uncertain", correction.pk, *decided)


def test_the_uncertain_are_settled_by_the_relays_log(tmp_path: Path) -> None:
    one, other = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    log = tmp_path / "mail.log"
    head = "Jan 29 10:30:01 relay postfix"
    log.write_bytes(
        f"{head}/cleanup[1]: 4F2A1C: message-id=<{mail_token(one.key)}@x>\n\xff\n".encode("latin-1")
        + f"{head}/smtp[2]: 4F2A1C: to=<a@b.example>, status=sent (250 ok)\n".encode()
    )
    shown = run("settle_uncertain", "--relay-log", log, "--by", "odile")
    assert f"Relance {one.pk}\u00a0: transmis par notre relais" in shown
    assert "encore incertaines\u00a0: 1" in shown
    assert "une personne décide" in shown
    assert told("settle_uncertain", "--relay-log", log, "--by", "odile") == {"settled": [], "left": 1}
    assert Settlement.objects.get().notice == one
    assert not Settlement.objects.filter(notice=other).exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("{notice}",),
        ("{notice}", "--list", "--as-sent"),
        ("--as-sent", "--reason", "vu", "--by", "odile"),
        ("{notice}", "--as-sent", "--reason", "vu"),
        ("{notice}", "--as-sent", "--reason", "vu", "--by", "nobody"),
    ],
)
def test_settling_asks_for_one_thing_at_a_time_and_for_who(arguments: tuple[str, ...]) -> None:
    notice = mailed("UNCERTAIN")
    with pytest.raises(WrongUse):
        run("settle_uncertain", *[a.format(notice=notice.pk) for a in arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-sent", "--by", "odile"), "motif est obligatoire"),
        (("--as-sent", "--reason", "vu", "--by", "hugo"), "add_settlement"),
    ],
)
def test_settling_is_refused_without_a_reason_or_the_right(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(Failed, match=said):
        run("settle_uncertain", mailed("UNCERTAIN").pk, *arguments)
    with pytest.raises(WrongUse, match="n’existe pas"):
        run("settle_uncertain", "--relay-log", "/nowhere/mail.log", "--by", "odile")


# --- incident_report ---


def test_the_incident_report_is_told_in_words_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    notice = mailed("REFUSED", items=[{"categories": ["COA"]}])
    uncertain = mailed("UNCERTAIN", batch=notice.batch)
    came_back(notice)
    run("settle_uncertain", uncertain.pk, "--as-sent", "--reason", "vu", "--by", "odile")
    for n in range(25):
        mailed("UNCERTAIN", batch=notice.batch, rank=1000 + n)
    run("incident_report", notice.batch.pk, "--note", "cause\u00a0: import incomplet", "--by", "odile")
    shown = capsys.readouterr().out
    for words in (
        f"Rapport d’incident — lot {notice.batch.pk}",
        "odile\u00a0: cause\u00a0: import incomplet",
        "COA\u00a0: 1 refusée par le serveur",
        "Page «\u00a0pourquoi ce message\u00a0» lue\u00a0: 0, dont 0 sans appel depuis",
        "Incertains (26)",
        "… et 6 de plus\u00a0: voyez --json.",
        "tenue pour envoyée par odile\u00a0: vu",
        "Retour définitif\u00a0: adresse hors d’usage — 5.1.1",
        "préparé par",
    ):
        assert words in shown, words
    answer = told("incident_report", notice.batch.pk)
    assert (answer["batch"], len(answer["uncertain"]), len(answer["notes"])) == (notice.batch.pk, 26, 1)
    assert (answer["readers"], answer["called_after"], answer["spared"]) == (0, 0, 0)


def test_a_note_is_written_by_who_may_and_a_batch_must_exist() -> None:
    batch = mailed().batch
    with pytest.raises(WrongUse, match="--by NOM"):
        run("incident_report", batch.pk, "--note", "x")
    with pytest.raises(Failed, match="add_incidentnote"):
        run("incident_report", batch.pk, "--note", "x", "--by", "hugo")
    with pytest.raises(Failed, match="n’existe pas"):
        run("incident_report", 4711)
    assert IncidentNote.objects.count() == 0
