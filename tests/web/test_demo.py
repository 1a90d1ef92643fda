"""make demo: what it says, whose database it empties, and one run of the whole story on a small register."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from rich.console import Console

from registry import clock
from registry.facts import load_reference
from registry.findings import refresh_findings
from registry.management.console import WrongUse
from registry.models import Cover, Intermediary, Registration
from registry.reviews import findings_of, papers_of
from registry.rules.categories import Category, CoverKind
from registry.rules.papers import PaperCode
from reminders.models import Notice
from reminders.rules.states import NoticeState
from settings.embedded import BASE_DIR
from settings.mail import parse_smtp_url
from tests.factories import NOW, NoticeFactory, reach
from tests.reminders.scenes import due_file
from tests.removing import ordered
from tests.web.people import signed_in_as
from web.demo.accounts import CAST, PASSWORD, PERSON, open_accounts, open_person
from web.demo.codes import ToldBackend
from web.demo.database import fresh_database
from web.demo.errors import DemoError
from web.demo.figures import Mailing, naive_job, naive_mailing
from web.demo.mailbox import KeptMail, Mailbox
from web.demo.papers import deposit, follow_up, print_certificate
from web.demo.serving import Site
from web.demo.stage import AFTERNOON, MORNING, NIGHT, Stage
from web.demo.story import Account, _closing, require_as_promised
from web.demo.telling import Teller, duration, french, moment, wrapped
from web.management.commands.demo import stand_at
from web.people.mail import code_message

PEOPLE = 400


def told(width: int = 80) -> tuple[Teller, Console]:
    console = Console(record=True, width=width, file=StringIO(), soft_wrap=True)
    return Teller(console), console


def test_numbers_dates_and_durations_are_french() -> None:
    assert duration(61.25) == "61,2\u00a0s"
    assert moment(AFTERNOON) == "mardi 24 février 2026, 16\u00a0h\u00a030"
    assert moment(datetime(2026, 3, 1, 9, 5, tzinfo=clock.PARIS)) == "dimanche 1er mars 2026, 9\u00a0h\u00a005"


@pytest.mark.parametrize(
    ("plain", "right"),
    [
        ("Voici : tout !", "Voici\u00a0: tout\u00a0!"),
        ("« Pourquoi ? »", "«\u00a0Pourquoi\u00a0?\u00a0»"),
        ("18 000 et 1 000 000", "18\u202f000 et 1\u202f000\u202f000"),
        ("le 24 février 2014, 12 personnes", "le 24 février 2014, 12 personnes"),
    ],
)
def test_no_break_spaces_stand_where_french_wants_them(plain: str, right: str) -> None:
    assert french(plain) == right


def test_a_line_never_breaks_at_a_no_break_space() -> None:
    for width in range(12, 40):
        for line in wrapped("Elle aurait écrit à 23 280 personnes : trop. « Pourquoi ? »", width).splitlines():
            assert line[0] not in ":?»"
            assert line != "280"
            assert not line.endswith("«")


def test_into_a_pipe_nothing_is_coloured() -> None:
    command = "from web.demo.telling import Teller; t = Teller(); t.say('Rouge !', style='red'); t.command('demo')"
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=BASE_DIR, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "Rouge\u00a0!\n$ manage.py demo\n"


def test_a_heading_fills_the_line_and_the_time_of_each_scene_is_kept() -> None:
    teller, console = told(width=60)
    teller.scene("un", "Premier", AFTERNOON)
    teller.scene("deux", "Second")
    teller.end_scene()
    lines = console.export_text().split("\n")
    assert lines[1].startswith("── mardi 24 février 2026, 16\u00a0h\u00a030 — Premier ─")
    assert len(lines[1]) == len(lines[3]) == 60
    assert [name for name, seconds in teller.scenes if seconds >= 0] == ["un", "deux"]


def test_the_account_sets_the_two_mailings_side_by_side(tmp_path: Path) -> None:
    teller, console = told()
    stage = Stage(teller, 1, tmp_path, KeptMail(tmp_path), {}, lambda _: None)
    _closing(stage, Account(Mailing(18_000, 17_000, 20), Mailing(2_990, 0, 0), 0, 2_990, 0))
    figures = closing_table(console.export_text())
    assert figures["Courriels au premier passage"] == (18_000, 2_990)
    assert figures["Appels à prévoir (au taux de 2014)"] == (1000, 166)


def closing_table(text: str) -> dict[str, tuple[int, int]]:
    """The rows of the last table, by their label."""
    rows = re.findall(r"^│ (\S.*?) +│ +([\d\u202f]+) │ +([\d\u202f]+) │$", text, re.MULTILINE)
    return {label: (whole(naive), whole(engine)) for label, naive, engine in rows}


def whole(text: str) -> int:
    return int(text.replace("\u202f", ""))


@pytest.mark.parametrize(
    "account",
    [
        Account(Mailing(9, 9, 1), Mailing(5, 1, 0), 0, 5, 0),
        Account(Mailing(9, 9, 1), Mailing(5, 0, 1), 0, 5, 0),
        Account(Mailing(9, 9, 1), Mailing(5, 0, 0), 2, 7, 0),
        Account(Mailing(9, 9, 1), Mailing(5, 0, 0), 0, 6, 1),
    ],
)
def test_a_story_that_did_not_hold_ends_as_a_failure(account: Account) -> None:
    """Fails without `require_as_promised`: the demonstration told an untrue story and ended with 0."""
    with pytest.raises(DemoError, match="n’a pas tenu"):
        require_as_promised(account)
    require_as_promised(replace(account, engine=Mailing(5, 0, 0), again=0, duplicates=0))


def test_the_clock_stands_where_the_scene_wants_it_here_and_in_children() -> None:
    for instant in (MORNING, NIGHT):
        stand_at(instant)
        assert abs((clock.now() - instant).total_seconds()) < 1
        assert os.environ["REGISTER_NOW"] == instant.isoformat()


@pytest.mark.django_db
def test_everybody_has_the_role_of_the_cast_and_the_printed_password() -> None:
    users = open_accounts()
    assert {name: user.groups.get().name for name, user in users.items()} == {
        name: role.group for name, role in CAST.items()
    }
    assert users["ada"].check_password(PASSWORD)
    assert users["claire"].has_perm("reminders.approve_batch"), "her refusal must be for the second person's rule"
    assert not any(user.is_superuser for user in users.values())


@pytest.mark.django_db
def test_a_database_that_is_not_the_demonstrations_own_is_never_emptied() -> None:
    Intermediary.objects.create(orias_number="07000001", name="Courtage A")
    embedded = connection.settings_dict.pop("EMBEDDED", None)
    try:
        with pytest.raises(DemoError, match="DATABASE_URL"):
            fresh_database()
    finally:
        if embedded:
            connection.settings_dict["EMBEDDED"] = embedded
    assert Intermediary.objects.count() == 1


def test_it_refuses_to_run_with_settings_other_than_its_own() -> None:
    with pytest.raises(WrongUse, match="make demo"):
        call_command("demo")


def test_where_the_port_is_taken_the_site_goes_to_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        site = Site(port)
        try:
            assert site.is_elsewhere
            assert site.url == f"http://127.0.0.1:{site.port}"
            assert port < site.port < port + 10
        finally:
            site.close()


@pytest.mark.django_db
def test_the_naive_job_counts_the_renewed_and_the_engine_s_rules_know_better() -> None:
    day = date(2026, 2, 24)
    assert "BETWEEN '2026-02-01' AND '2026-02-28'" in naive_job(day)
    renewed = registered("07000001")
    cover(renewed, date(2025, 3, 1), date(2026, 2, 28))
    cover(renewed, date(2026, 3, 1), date(2027, 2, 28))
    late = registered("07000002")
    cover(late, date(2025, 3, 1), date(2026, 2, 28))
    elsewhere = registered("07000003")
    cover(elsewhere, date(2025, 7, 1), date(2026, 6, 30))
    refresh_findings(as_of=day)
    assert naive_mailing(day) == Mailing(mails=2, complete=1, removed=0)
    registration = Registration.objects.get(intermediary=renewed)
    ordered(registration, date(2026, 1, 9))
    assert naive_mailing(day) == Mailing(mails=2, complete=0, removed=1)


def registered(number: str) -> Intermediary:
    person = Intermediary.objects.create(orias_number=number, name="Courtage", email=f"a@c{number}.example")
    Registration.objects.create(
        intermediary=person, category=Category.COA, filer="SELF", registered_on=date(2012, 5, 4)
    )
    return person


def cover(person: Intermediary, first: date, last: date) -> Cover:
    return Cover.objects.create(
        intermediary=person, kind=CoverKind.RC_PRO, categories=[Category.COA.value], starts_on=first, ends_on=last,
        amount_cents=200_000_000, annual_cents=300_000_000, status="ACCEPTED", channel="PAPER",
        deposited_on=first,
    )  # fmt: skip


@pytest.mark.slow
def test_the_whole_story_on_a_small_register(database_env: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "demo", "--people", str(PEOPLE), "--dir", str(tmp_path)]
    environ = database_env | {"DJANGO_SETTINGS_MODULE": "settings.demo", "SERVE": "0", "PACE_PER_HOUR": ""}
    done = subprocess.run(command, cwd=BASE_DIR, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no bar and no line of a log into a pipe"
    assert "\x1b" not in done.stdout

    figures = closing_table(done.stdout)
    naive, engine = figures["Courriels au premier passage"]
    assert naive > PEOPLE * 0.9
    assert 0 < engine < naive / 4
    naive_complete, engine_complete = figures["dont à un dossier complet"]
    assert naive_complete >= PEOPLE * 0.75
    assert engine_complete == 0
    assert figures["dont à une personne qui n’est plus inscrite"][1] == 0
    assert figures["Courriels de plus aux deux passages suivants"] == (2 * naive, 0)
    assert figures["Doublons reçus"][1] == 0

    mailbox = KeptMail(tmp_path / "mailbox")
    assert (mailbox.received, mailbox.duplicates) == (engine, 0)
    states = list(Notice.objects.order_by("rank").values_list("state", "reason"))
    assert states.count(("ACCEPTED", "")) == engine
    withdrawn = [pair for pair in states if pair[0] != "ACCEPTED"]
    assert sorted(withdrawn) == [("SKIPPED", "AWAITING_REVIEW"), ("SKIPPED", "COMPLETE")]

    assert "Refusé. claire a préparé le lot" in done.stdout
    assert "la plage d’envoi est fermée" in done.stdout, "nothing leaves at two in the morning"
    assert done.stdout.count("Retirée au dernier moment") == 2
    assert "Personne à relancer au 2026-02-25" in done.stdout
    assert "http" in done.stdout
    assert PASSWORD not in done.stdout, "SERVE=0: no site, no accounts"


@pytest.mark.django_db
def test_a_person_of_somebody_who_was_reminded_may_sign_in_and_renew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    reminded = due_file()
    reach(NoticeFactory(intermediary=reminded), NoticeState.ACCEPTED)
    whose = open_person(by=open_accounts()["alice"], now=NOW)
    assert whose == reminded
    person = User.objects.get(username=PERSON)
    assert not person.has_usable_password()
    marie = signed_in_as(person)
    assert "Tout est encore vrai" in marie.get(f"/mon-espace/{whose.orias_number}/renouvellement/").text


@pytest.mark.django_db
def test_where_nobody_was_reminded_there_is_no_such_person() -> None:
    assert open_person(by=open_accounts()["alice"], now=NOW) is None
    assert not User.objects.filter(username=PERSON).exists()


def test_the_terminal_tells_each_code_and_the_mailbox_of_the_demonstration_keeps_it(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with Mailbox(tmp_path) as mailbox:
        settings.SMTP = parse_smtp_url(mailbox.smtp_url)
        ToldBackend().send_messages([code_message("marie@cabinet.example", "BCDF-GHJK")])
        kept = mailbox.sample("marie@cabinet.example")
    assert kept is not None
    assert "BCDF-GHJK" in str(kept.get_content())
    assert capsys.readouterr().out == "Code de connexion pour marie@cabinet.example\u00a0: BCDF-GHJK\n"


@pytest.mark.django_db
def test_the_queue_has_papers_that_say_what_is_declared_or_do_not() -> None:
    """Each a real file, read back by the checks of the register: one is in order, one is of the year before. Fails
    where a certificate is printed anew at each run: its day and its words are all that goes in."""
    now, somebody = MORNING, due_file("08000061")
    first = follow_up(somebody, CoverKind.RC_PRO, (Category.COA,), date(2026, 2, 28))
    assert print_certificate(first, now.date()) == print_certificate(first, now.date())
    good, old = deposit(first, now=now), deposit(first, now=now, paper=first.of_the_year_before)
    documents = papers_of([good.pk, old.pk])
    assert {one.state for one in documents.values()} <= {"CLEAN", "NOT_SCANNED"}
    found = findings_of([good, old], reference=load_reference(), papers=documents)
    told = {cover.pk: {one.code for one in found[cover.pk]} for cover in (good, old)}
    assert PaperCode.TEXT_AGREES in told[good.pk]
    assert not {PaperCode.TEXT_DIFFERS, PaperCode.TEXT_OLD_PERIOD} & told[good.pk]
    assert PaperCode.TEXT_OLD_PERIOD in told[old.pk]
