"""The commands of the engine, called in this process: what they print, refuse, and with which exit code."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError

from registry import clock
from registry.management.console import Failed, WrongUse, in_one_line
from reminders.models import Batch
from reminders.planning.watch import raise_alarm
from reminders.rules.eligibility import SkipReason
from reminders.rules.states import NoticeState
from reminders.rules.watch import reported_wrong
from tests.factories import UserFactory, the_switch
from tests.reminders.scenes import DAY, NOW, complete_file, due_file, released_batch, renew

pytestmark = pytest.mark.django_db

BATCH_KEYS = {
    "batch",
    "state",
    "hash",
    "as_of",
    "waves",
    "planned",
    "skipped",
    "by_category",
    "by_item",
    "brakes",
    "counts",
}
DELIVERY_KEYS = {"accepted", "skipped", "refused", "uncertain", "deferred", "expired", "cancelled", "waiting"}
COUNTS = {state.value for state in NoticeState}


class Clock:
    """The register's clock, set by hand."""

    instant = NOW


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "instant", NOW)
    monkeypatch.setattr(clock, "now", lambda: Clock.instant)
    return Clock


@pytest.fixture(autouse=True)
def staff() -> None:
    roles = {"odile": "registry_officer", "bruno": "approver", "alice": "administrator", "hugo": "hotline_agent"}
    for name, role in {**roles, "iris": "auditor"}.items():
        user = UserFactory.create(username=name)
        user.groups.add(Group.objects.get(name=role))


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def answer(command: str, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(command, *arguments, "--json"))
    return told


def planned(n: int = 1) -> dict[str, Any]:
    for _ in range(n):
        due_file()
    call_command("verify_register", "--refresh", stdout=io.StringIO())
    return answer("plan_reminders", "--by", "odile")


def approve(plan: dict[str, Any], by: str = "bruno") -> dict[str, Any]:
    return answer("approve_batch", plan["batch"], "--by", by, "--hash", plan["hash"], "--count", plan["planned"])


# --- plan_reminders ----------------------------------------------------------------------------------------


def test_a_plan_is_told_with_the_keys_that_scripts_read() -> None:
    complete_file()
    plan = planned(2)
    assert plan.keys() >= BATCH_KEYS
    assert (plan["state"], plan["planned"], plan["as_of"], plan["waves"]) == ("DRAFT", 2, "2026-01-29", ["D-30"])
    assert plan["skipped"] == {"COMPLETE": 1}
    assert plan["counts"].keys() == COUNTS
    assert {tuple(sorted(b)) for b in plan["brakes"]} == {("code", "level", "message")}
    assert plan["author"] == "odile"


def test_where_nobody_is_due_the_batch_is_null_and_the_keys_are_the_same() -> None:
    complete_file()
    plan = answer("plan_reminders")
    assert plan.keys() >= BATCH_KEYS
    assert (plan["batch"], plan["planned"], plan["skipped"]) == (None, 0, {"COMPLETE": 1})
    assert plan["counts"] == dict.fromkeys(sorted(COUNTS), 0)
    assert not Batch.objects.exists()


def test_planning_twice_says_that_it_was_there_already(capsys: pytest.CaptureFixture[str]) -> None:
    plan = planned()
    assert answer("plan_reminders")["batch"] == plan["batch"]
    assert "existait déjà" in run("plan_reminders")


def test_a_plan_without_a_name_is_the_systems() -> None:
    due_file()
    assert answer("plan_reminders")["author"] is None


def test_a_day_and_a_wave_may_be_asked_for() -> None:
    due_file()
    plan = answer("plan_reminders", "--as-of", "2026-02-24", "--wave", "D-7")
    assert (plan["as_of"], plan["waves"]) == ("2026-02-24", ["D-7"])


def test_an_unknown_wave_is_refused_in_one_line() -> None:
    with pytest.raises(WrongUse) as refused:
        run("plan_reminders", "--wave", "J-7")
    assert "D-7" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_i5_a_plan_shown_at_a_terminal_says_all_that_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    due_file()
    complete_file()
    run("plan_reminders")
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "1 destinataire ",
        "1 prévu ",
        "au plus 1 message à une",
        "dossier complet (COMPLETE)",
        "CONSERVATION",
        "Empreinte",
        "1 COA",
    ):
        assert words.lower() in shown.lower(), f"{words} in {shown}"


# --- show_batch --------------------------------------------------------------------------------------------


def test_a_batch_is_shown_with_the_same_keys_and_its_samples() -> None:
    plan = planned(2)
    shown = answer("show_batch", plan["batch"])
    assert {k: shown[k] for k in BATCH_KEYS} == {k: plan[k] for k in BATCH_KEYS}
    assert [s["rank"] for s in shown["samples"]] == [1, 2]
    assert answer("show_batch", plan["batch"], "--no-samples")["samples"] == []


def test_a_draft_tells_how_it_is_approved(capsys: pytest.CaptureFixture[str]) -> None:
    plan = planned()
    run("show_batch", plan["batch"])
    assert f"approve_batch {plan['batch']} --by NOM --hash {plan['hash']} --count 1" in capsys.readouterr().out


def test_a_name_full_of_brackets_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    file = due_file()
    file.name = "Cabinet [/red] [bold]"
    file.save()
    plan = answer("plan_reminders")
    run("show_batch", plan["batch"])
    run("explain", file.orias_number)
    assert capsys.readouterr().out.count("[/red] [bold]") >= 2


def test_the_spreadsheet_holds_everyone_and_runs_no_formula(tmp_path: Path) -> None:
    """Fails without `_harmless`: =… is a right beginning of an address, and a spreadsheet would run it."""
    due_file(email="=1+1@cabinet.example")
    due_file(email="+cmd@cabinet.example")
    left_out = complete_file()
    plan = answer("plan_reminders")
    path = tmp_path / "liste.csv"
    run("show_batch", plan["batch"], "--csv", path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet takes it for UTF-8 by this mark"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
    assert {r["email"] for r in rows} == {"'=1+1@cabinet.example", "'+cmd@cabinet.example", ""}
    assert rows[-1]["numero_orias"] == left_out.orias_number
    assert (rows[-1]["etat"], rows[-1]["motif"]) == ("Écarté", SkipReason.COMPLETE.label)
    assert (rows[0]["etat"], rows[0]["pieces"].split(" COA ")[-1]) == ("Prévu", "au plus tard le 28/02/2026")
    assert len(rows) == 3


def test_a_spreadsheet_on_a_full_disk_is_told_in_french_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `_Spreadsheet`: half a list, or none, would stand under the name asked for."""
    plan = planned()
    path = tmp_path / "liste.csv"

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Failed, match=r"liste\.csv.* n’est pas écrit.*disque est plein\. Faites de la place"):
            run("show_batch", plan["batch"], "--csv", path)
    assert list(tmp_path.iterdir()) == []
    assert f"Écrit\u00a0: {path}" in run("show_batch", plan["batch"], "--csv", path)


def test_an_answer_that_finds_no_place_is_told_in_french() -> None:
    """What `> /dev/full` does."""
    assert "Le disque est plein" in in_one_line(OSError(errno.ENOSPC, "No space left on device"))


def test_a_spreadsheet_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    plan = planned()
    with pytest.raises(WrongUse, match="no-such-folder"):
        run("show_batch", plan["batch"], "--csv", tmp_path / "no-such-folder" / "liste.csv")


@pytest.mark.parametrize("command", ["show_batch", "pause_batch", "resume_batch", "cancel_batch", "release_batch"])
def test_a_batch_that_is_not_there_is_refused(command: str) -> None:
    by = () if command == "show_batch" else ("--by", "odile")
    with pytest.raises(Failed, match="Le lot 4711 n’existe pas"):
        run(command, 4711, *by)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("show_batch", ("0",)),
        ("show_batch", ("-5",)),
        ("show_batch", ("1" * 5000,)),
        ("show_batch", ("１",)),
        ("approve_batch", ("1", "--by", "bruno", "--hash", "0", "--count", "-5")),
        ("approve_batch", ("1", "--by", "bruno", "--hash", "0", "--count", "0")),
        ("deliver", ("--workers", "0")),
        ("deliver", ("--workers", "-1")),
        ("deliver", ("--workers", "100000")),
        ("deliver", ("--batch", "0")),
        ("plan_reminders", ("--as-of", "9999-12-31")),
        ("plan_reminders", ("--as-of", "0001-01-01")),
        ("plan_reminders", ("--by", " ")),
        ("explain", ("",)),
        ("explain", ("0700100é",)),
        ("explain", ("07001003\0",)),
        ("stop_sending", ("essai", "--by", "")),
    ],
)
def test_what_can_never_be_right_is_refused_as_an_argument(command: str, arguments: tuple[str, ...]) -> None:
    """Fails without the types of the arguments: `--batch 0` once sent every batch, `--by ""` acted as the system."""
    with pytest.raises(CommandError, match="Error: argument") as refused:
        run(command, *arguments)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200
    assert not the_switch().stopped


def test_counts_stand_in_the_order_of_their_codes_whenever_they_are_read() -> None:
    """Fails without `in_order`: a new batch told them as they were counted, a stored one as jsonb keeps them."""
    renew(due_file(), deposited=True)
    due_file(email="")
    due_file(categories=("CIF",))
    due_file(with_funds=True)
    plan = planned()
    shown = answer("show_batch", plan["batch"])
    for told in (plan, shown):
        assert list(told["skipped"]) == ["AWAITING_REVIEW", "NO_EMAIL"]
        assert list(told["by_category"]) == ["COA", "CIF"]
        assert list(told["by_item"]) == ["RC_PRO", "FINANCIAL_GUARANTEE"]


@pytest.mark.parametrize(("pace", "told"), [(0, "sans limite de rythme"), (2, "au rythme de 2 par heure")])
def test_preview_and_release_tell_the_calls_at_the_pace(
    settings: Any, capsys: pytest.CaptureFixture[str], pace: int, told: str
) -> None:
    settings.PACE_PER_HOUR, settings.CALLS_PER_MAIL, settings.HOTLINE_AGENTS = pace, 6.0, 1
    plan = planned(3)
    run("show_batch", plan["batch"])
    shown = " ".join(capsys.readouterr().out.split())
    approve(plan)
    released = " ".join(run("release_batch", plan["batch"], "--by", "odile").split())
    calls, agents, answered = (18, 4, 0) if pace == 0 else (12, 3, 0)
    for text in (shown, released):
        assert f"heure la plus chargée, {told} : {calls}." in text
        assert f"20 s : {agents} ; avec 1, {answered} % le seraient." in text


# --- from approval to the end ------------------------------------------------------------------------------


def test_a_batch_goes_its_way_by_commands_alone() -> None:
    plan = planned(3)
    assert approve(plan)["state"] == "APPROVED"
    assert answer("release_batch", plan["batch"], "--by", "odile") == {
        "batch": plan["batch"],
        "state": "RELEASING",
        "ceiling": 3,
        "planned": 3,
        "pace_per_hour": 0,
        "expected_calls_per_hour": 0,
        "agents_needed": 1,
        "agents": 6,
        "answered_share": 1.0,
    }
    assert answer("pause_batch", plan["batch"], "--by", "odile", "--reason", "un doute")["state"] == "PAUSED"
    assert answer("show_batch", plan["batch"])["pause_detail"] == "un doute"
    assert answer("resume_batch", plan["batch"], "--by", "odile")["state"] == "RELEASING"
    assert answer("cancel_batch", plan["batch"], "--by", "odile")["state"] == "CANCELLED"
    assert answer("show_batch", plan["batch"])["counts"]["CANCELLED"] == 3


def test_a_batch_under_an_alarm_is_shown_with_its_remedy_and_goes_on_with_a_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = planned(2)
    approve(plan)
    run("release_batch", plan["batch"], "--by", "odile")
    assert answer("show_batch", plan["batch"])["watch"] == {"until": None, "minutes": 30}
    raise_alarm(batch_id=plan["batch"], alert=reported_wrong(("07000001", "07000002")), now=NOW)
    (alarm,) = answer("show_batch", plan["batch"])["alarms"]
    assert (alarm["code"], alarm["level"], alarm["closed_at"]) == ("REPORTED_WRONG", "RED", None)
    with pytest.raises(Failed, match="--reason"):
        run("resume_batch", plan["batch"], "--by", "odile")
    capsys.readouterr()
    run("show_batch", plan["batch"], "--no-samples")
    shown = " ".join(capsys.readouterr().out.split())
    assert "En pause : alarme : relances à tort signalées et vérifiées (2 relances à tort" in shown
    assert "Alarme REPORTED_WRONG : 2 relances à tort vérifiées : 07000001, 07000002. À faire : comparez" in shown
    assert answer("resume_batch", plan["batch"], "--by", "odile", "--reason", "vu")["state"] == "RELEASING"
    run("show_batch", plan["batch"], "--no-samples")
    assert "Close par odile. vu" in " ".join(capsys.readouterr().out.split())


def test_an_approval_names_the_amber_brakes_it_takes_upon_itself() -> None:
    run("stop_sending", "essai", "--by", "odile")
    plan = planned()
    assert "SENDING_STOPPED" in approve(plan)["acknowledged"]


def test_i6_nobody_approves_what_they_planned_by_command() -> None:
    due_file()
    call_command("verify_register", "--refresh", stdout=io.StringIO())
    plan = answer("plan_reminders", "--by", "alice")
    with pytest.raises(Failed, match="une autre personne doit l’approuver"):
        approve(plan, by="alice")


def test_an_expired_approval_and_a_list_of_yesterday_are_refused(now: type[Clock]) -> None:
    plan = planned()
    approve(plan)
    now.instant = NOW + timedelta(days=1)
    with pytest.raises(Failed, match="périmé"):
        run("release_batch", plan["batch"], "--by", "odile")


# --- who may what ------------------------------------------------------------------------------------------

ACTS: dict[str, tuple[Any, ...]] = {
    "plan_reminders": (),
    "approve_batch": (1, "--hash", "0" * 64, "--count", 1),
    "release_batch": (1,),
    "pause_batch": (1,),
    "resume_batch": (1,),
    "cancel_batch": (1,),
    "stop_sending": ("essai",),
    "resume_sending": (),
}
NOBODY = {"hugo", "iris"}
MAY_NOT = {command: NOBODY | ({"odile"} if command == "approve_batch" else set()) for command in ACTS}


@pytest.mark.parametrize(("command", "name"), [(c, n) for c in ACTS for n in sorted(MAY_NOT[c])])
def test_i6_who_lacks_the_right_is_told_which_roles_hold_it(command: str, name: str) -> None:
    """Fails without `require` in the command."""
    with pytest.raises(Failed, match=rf"{name} .*reminders\.\w+.*administrator, approver"):
        run(command, *ACTS[command], "--by", name)
    assert not the_switch().stopped
    assert not Batch.objects.exists()


@pytest.mark.parametrize("command", sorted(ACTS))
def test_a_name_that_is_nobodys_is_wrong_use(command: str) -> None:
    with pytest.raises(WrongUse, match=r"odil\b.*odile.*create_user odil"):
        run(command, *ACTS[command], "--by", "odil")


@pytest.mark.parametrize("command", sorted(ACTS))
def test_a_closed_account_may_do_nothing(command: str) -> None:
    User.objects.filter(username="alice").update(is_active=False)
    with pytest.raises(WrongUse, match="alice"):
        run(command, *ACTS[command], "--by", "alice")


# --- the switch --------------------------------------------------------------------------------------------


def test_i7_anyone_at_the_machine_may_stop_but_only_a_named_one_may_go_on() -> None:
    run("stop_sending", "des dossiers complets sont relancés")
    assert the_switch().stopped
    with pytest.raises(CommandError, match="--by"):
        run("resume_sending")
    assert the_switch().stopped
    run("resume_sending", "--by", "odile")
    assert not the_switch().stopped


def test_a_stop_without_a_reason_is_refused() -> None:
    with pytest.raises(WrongUse, match="Dites pourquoi"):
        run("stop_sending", "  ")


# --- explain, verify_register, deliver ---------------------------------------------------------------------


def test_an_explanation_has_the_keys_that_scripts_read() -> None:
    told = answer("explain", due_file("07001003").orias_number)
    assert told.keys() >= {"orias_number", "as_of", "state", "checks", "notices"}
    assert all(c.keys() >= {"check", "passed", "reason", "facts"} for c in told["checks"])
    assert answer("explain", "07001003", "--as-of", "2025-12-01")["as_of"] == "2025-12-01"


@pytest.mark.parametrize("who", [due_file, complete_file])
def test_an_explanation_at_a_terminal_says_yes_or_no_and_why(
    who: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run("explain", who("07001003").orias_number)
    shown = " ".join(capsys.readouterr().out.split())
    assert ("serait relancé" if who is due_file else "dossier complet") in shown


def test_an_explanation_speaks_french_within_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where facts are shown as the codes that scripts read, or each word on a line of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    file = due_file("07001003", categories=("COA", "IOB"), with_funds=True)
    released_batch()
    run("explain", file.orias_number)
    run("explain", complete_file("07001004").orias_number)
    run("explain", "07001003", "--as-of", "2025-06-01")
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert len(shown.splitlines()) < 120
    words = " ".join(re.sub("[│┃]", " ", shown).split())
    for told in ("une pièce manque", "RC Pro — à renouveler, couvert jusqu’au 2026-02-28", "relance", "En règle"):
        assert told in words
    assert not re.search(r"\b(?!COA|IOB|CIF|CMF)[A-Z]{3,}(_[A-Z]+)*\b|covered_until|legal_text", shown)


def test_a_number_that_is_not_there_is_refused() -> None:
    with pytest.raises(Failed, match="n’est pas au registre"):
        run("explain", "99999999")


def test_a_verification_has_the_keys_that_scripts_read() -> None:
    due_file()
    call_command("verify_register", "--refresh", stdout=io.StringIO())
    told = answer("verify_register")
    assert (told["checked"], told["differences"]) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_a_delivery_of_nothing_has_the_keys_that_scripts_read() -> None:
    told = answer("deliver", "--until-empty")
    assert told.keys() >= DELIVERY_KEYS
    assert {told[key] for key in DELIVERY_KEYS} == {0}


@pytest.mark.django_db(transaction=True)
def test_i7_a_delivery_while_sending_is_stopped_sends_nothing_and_says_so() -> None:
    batch = released_batch(2)
    run("stop_sending", "essai")
    told = answer("deliver", "--batch", batch.pk, "--until-empty")
    assert (told["accepted"], told["waiting"]) == (0, 2)
    assert batch.as_of == DAY


def test_a_number_of_seven_digits_is_told_without_a_word_about_spreadsheets() -> None:
    """Fails where the advice for a file's column is given to somebody who typed a number."""
    with pytest.raises(CommandError, match="7 chiffres.*peut-être 07001003") as refused:
        run("explain", "7001003")
    assert "tableur" not in str(refused.value)


def test_counts_agree_with_relance_and_categories_may_be_several(capsys: pytest.CaptureFixture[str]) -> None:
    """Fails without the feminine, or where 4 categories of 2 people stand there unexplained."""
    for _ in range(2):
        due_file(categories=("COA", "IOB"))
    run("plan_reminders")
    shown = " ".join(capsys.readouterr().out.split())
    assert "Relances : 2 prévues" in shown
    assert "2 COA, 2 IOB (une personne peut avoir plusieurs catégories)" in shown


def test_a_past_day_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match="est passé"):
        run("plan_reminders", "--as-of", "2024-01-01")
