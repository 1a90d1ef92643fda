"""Signing in by an e-mailed code: who gets one, who learns nothing, and what it opens."""

from __future__ import annotations

import re
import subprocess
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from api.models import Mandate
from registry import clock
from registry.models import AddressCheck, Intermediary
from reminders.models import Attempt, Notice
from settings.embedded import BASE_DIR
from settings.mail import parse_smtp_url
from tests.api.callers import staff_in
from tests.factories import NOW, AddressCheckFactory, IntermediaryFactory, RegistrationFactory, the_switch
from tests.web.people import ADDRESS, MINE, AtOnce, account_for, set_desk, signed_in_as
from web.models import CodeAsked
from web.people import limits
from web.people.codes import letters_of
from web.people.limits import place_of
from web.people.smtp import RelayBackend

pytestmark = pytest.mark.django_db
DOOR = "/mon-espace/connexion/"
CODE = "/mon-espace/connexion/code/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("web.people.mail._POOL", AtOnce())


@pytest.fixture
def martin() -> Intermediary:
    made: Intermediary = IntermediaryFactory(orias_number=MINE, email="Marie@Cabinet-Martin.example")
    RegistrationFactory(intermediary=made)
    return made


def ask(client: Client, address: str = ADDRESS, **extra: Any) -> Any:
    return client.post(DOOR, {"email": address}, **extra)


def code_of(message: Any) -> str:
    found = re.search(r"[A-Z]{4}-[A-Z]{4}", message.body)
    assert found
    return found[0]


def come_in(client: Client, address: str = ADDRESS) -> Any:
    ask(client, address)
    return client.post(CODE, {"code": code_of(mail.outbox[-1]).lower().replace("-", " ")})


def test_a_code_opens_the_file_that_a_mandate_gives(client: Client, martin: Intermediary) -> None:
    account_for(ADDRESS, martin)
    asked = ask(client)
    assert (asked.status_code, asked.headers["Location"]) == (302, CODE)
    [message] = mail.outbox
    assert message.to == [ADDRESS]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert code_of(message) not in message.subject
    entered = client.post(CODE, {"code": code_of(message)})
    assert (entered.status_code, entered.headers["Location"]) == (302, "/mon-espace/")
    assert client.get("/mon-espace/").headers["Location"] == f"/mon-espace/{MINE}/"


def test_a_code_is_taken_in_the_dress_it_was_pasted_in(client: Client, martin: Intermediary) -> None:
    """Fails without `CodeForm`: what a mail program made of the hyphen would cost one of the three tries."""
    account_for(ADDRESS, martin)
    ask(client)
    code = f"\u00a0{code_of(mail.outbox[0]).lower()} ".replace("-", "\u202f\u2013 ")
    assert client.post(CODE, {"code": code}).status_code == 302


@pytest.mark.parametrize(
    "typed",
    ["BCDF-GHJK", "bcdf ghjk", "BCDF\u2013GHJK", "BCDF\u2011GHJK", "BCDF\u2212GHJK", "BCDF\u00ad-GHJK",
     "BCDF\u200bGHJK", "\u00a0B C D F — G H J K.\t", "\uff22\uff23\uff24\uff26\uff0d\uff27\uff28\uff2a\uff2b"],
)  # fmt: skip
def test_of_what_was_typed_the_letters_count(typed: str) -> None:
    assert letters_of(typed) == "BCDFGHJK"


def test_letters_alone_are_no_code(client: Client, martin: Intermediary) -> None:
    """What has no letter in it is one more wrong code, and no fault of ours."""
    account_for(ADDRESS, martin)
    ask(client)
    assert client.post(CODE, {"code": "\u2013 \u2013"}).status_code == 400


def test_a_session_ends_with_the_working_day(client: Client, martin: Intermediary) -> None:
    """Fails without `set_expiry`: a browser left open in an office would be open for two weeks."""
    account_for(ADDRESS, martin)
    come_in(client)
    assert client.session.get_expiry_age() == 12 * 3600


def test_the_mail_is_in_the_language_of_the_page(client: Client) -> None:
    account_for()
    client.cookies["langue"] = "en"
    ask(client)
    assert mail.outbox[0].subject == "Your code to sign in"


def test_who_asks_learns_nothing_of_who_has_an_account(client: Client) -> None:
    """Fails where anything but the address differs between one that is known and one that is not."""
    account_for()
    answers = {}
    for address in (ADDRESS, "nobody@nowhere.example"):
        browser = Client()
        seen = [ask(browser, address), browser.get(CODE), *(browser.post(CODE, {"code": "wrong"}) for _ in range(3))]
        tokenless = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", one.text) for one in seen]
        answers[address] = [
            (one.status_code, one.headers.get("Location"), text.replace(address, "…"))
            for one, text in zip(seen, tokenless, strict=True)
        ]
    known, unknown = answers.values()
    assert known == unknown
    assert [message.to for message in mail.outbox] == [[ADDRESS]]


def test_three_wrong_codes_and_the_right_one_opens_nothing_any_more(client: Client) -> None:
    account_for()
    ask(client)
    right = code_of(mail.outbox[0])
    assert [client.post(CODE, {"code": "BCDF-GHJK"}).status_code for _ in range(3)] == [400, 400, 302]
    client.post(CODE, {"code": right})
    assert "_auth_user_id" not in client.session


def test_a_code_is_of_no_use_to_another_browser(client: Client) -> None:
    account_for()
    ask(client)
    thief = Client()
    assert thief.post(CODE, {"code": code_of(mail.outbox[0])}).headers["Location"] == DOOR
    assert "_auth_user_id" not in thief.session


def test_the_way_back_is_never_to_another_site(client: Client, martin: Intermediary) -> None:
    account_for(ADDRESS, martin)
    ask(client)
    entered = client.post(f"{CODE}?next=https://evil.example/", {"code": code_of(mail.outbox[0])})
    assert entered.headers["Location"] == "/mon-espace/"


# --- staff -------------------------------------------------------------------------------------------------


def test_a_member_of_staff_gets_no_code_whatever_addresses_the_account_has(client: Client) -> None:
    """Fails without `is_person` in account_to_sign_in: a mailbox would open what a password guards."""
    officer = staff_in("administrator")
    User.objects.filter(pk=officer.pk).update(email=ADDRESS)
    EmailAddress.objects.create(user=officer, email=ADDRESS, verified=True, primary=True)
    ask(client)
    assert mail.outbox == []


def test_who_becomes_staff_after_asking_is_stopped_at_the_door(client: Client) -> None:
    """Fails without `pre_login` in the adapter."""
    marie = account_for()
    ask(client)
    User.objects.filter(pk=marie.pk).update(is_staff=True)
    assert client.post(CODE, {"code": code_of(mail.outbox[0])}).headers["Location"] == DOOR
    assert "_auth_user_id" not in client.session


def test_a_session_begun_by_a_code_ends_when_its_account_becomes_staff(client: Client, martin: Intermediary) -> None:
    """Fails where PersonBackend finds members of staff: their rights would be opened by a mailbox."""
    marie = account_for(ADDRESS, martin)
    come_in(client)
    assert client.get(f"/mon-espace/{MINE}/").status_code == 200
    User.objects.filter(pk=marie.pk).update(is_staff=True, is_superuser=True)
    assert client.get("/espace/").headers["Location"].startswith("/connexion/?next=")
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/me/").status_code in (401, 403)


def test_staff_still_sign_in_by_password_and_come_to_their_own_pages(client: Client) -> None:
    officer = staff_in("approver")
    officer.set_password("une phrase assez longue")
    officer.save()
    entered = client.post("/connexion/", {"username": "approver", "password": "une phrase assez longue"})
    assert entered.headers["Location"] == "/espace/"
    assert client.get("/mon-espace/").headers["Location"] == "/espace/"


def test_a_person_is_led_from_the_pages_of_staff_to_her_own(client: Client) -> None:
    """Fails, going round in circles, where who is signed in without being of staff is sent to sign in."""
    marie = signed_in_as(account_for())
    assert marie.get("/espace/").headers["Location"] == "/mon-espace/"
    assert marie.get("/connexion/", follow=True).status_code == 200


def test_there_is_no_way_to_sign_up_or_to_have_a_password() -> None:
    for name in ("account_signup", "account_reset_password", "account_email", "account_change_password", "mfa_index"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


# --- how an account begins ---------------------------------------------------------------------------------


def test_the_confirmed_principal_address_of_a_file_opens_it(client: Client, martin: Intermediary) -> None:
    AddressCheckFactory(intermediary=martin, email=martin.email, checked_on=date(2025, 6, 1))
    come_in(client)
    [mandate] = Mandate.objects.all()
    assert (mandate.intermediary, mandate.holder.username) == (martin, ADDRESS)
    assert not mandate.holder.has_usable_password()
    assert client.get(f"/mon-espace/{MINE}/").status_code == 200


def test_an_account_begun_by_asking_sees_nothing_before_the_code_is_typed(client: Client, martin: Intermediary) -> None:
    AddressCheckFactory(intermediary=martin, email=martin.email, checked_on=date(2025, 6, 1))
    ask(client)
    assert User.objects.filter(username=ADDRESS).exists()
    assert not Mandate.objects.exists()


@pytest.mark.parametrize("checked", [None, ("old@cabinet-martin.example", 30), ("Marie@Cabinet-Martin.example", 365)])
def test_an_address_that_nobody_confirmed_within_the_year_opens_nothing(
    client: Client, martin: Intermediary, checked: tuple[str, int] | None
) -> None:
    """Fails without the confirmation asked in files_of_address: addresses of an old register are not all theirs."""
    if checked:
        day = clock.local_day(NOW) - timedelta(days=checked[1])
        AddressCheckFactory(intermediary=martin, email=checked[0], checked_on=day)
    ask(client)
    assert mail.outbox == []
    assert not User.objects.exists()


def test_a_file_that_was_taken_from_somebody_is_not_given_again(client: Client, martin: Intermediary) -> None:
    """Fails where adopt_files asks for mandates in force alone."""
    AddressCheckFactory(intermediary=martin, email=martin.email, checked_on=date(2025, 6, 1))
    marie = account_for(ADDRESS, martin)
    Mandate.objects.filter(holder=marie).update(ends_on=date(2026, 1, 1))
    come_in(client)
    assert Mandate.objects.count() == 1
    assert client.get(f"/mon-espace/{MINE}/").status_code == 404


def test_the_name_of_another_account_is_not_taken_over(client: Client, martin: Intermediary) -> None:
    """Fails where open_account adds an address to whatever account has the name: a program's, say."""
    AddressCheckFactory(intermediary=martin, email=martin.email, checked_on=date(2025, 6, 1))
    User.objects.create(username=ADDRESS)
    ask(client)
    assert mail.outbox == []
    assert not EmailAddress.objects.exists()


def test_typing_the_code_confirms_the_principal_address_for_another_year(client: Client, martin: Intermediary) -> None:
    """Whoever signs in by it is not called about it; not more than once a month."""
    AddressCheckFactory(intermediary=martin, email=martin.email, checked_on=date(2025, 6, 1))
    for _ in range(2):
        come_in(client)
        client.post("/mon-espace/deconnexion/")
    checks = AddressCheck.objects.order_by("id").values_list("email", "checked_on", "source")
    assert list(checks)[1:] == [(martin.email, date(2026, 1, 29), "SELF")]


def test_signing_in_by_another_address_confirms_nothing_of_the_principal_one(
    client: Client, martin: Intermediary
) -> None:
    """Fails where the address of the mandate's holder is not compared with that of the file."""
    account_for("paul@cabinet.example", martin)
    come_in(client, "paul@cabinet.example")
    assert not AddressCheck.objects.exists()


# --- limits ------------------------------------------------------------------------------------------------


def test_one_address_gets_three_codes_in_a_quarter_of_an_hour_wherever_they_are_asked_from() -> None:
    """Fails without PER_ADDRESS: anybody could fill anybody's mailbox."""
    account_for()
    answers = [ask(Client(), REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(5)]
    assert answers == [302, 302, 302, 429, 429]
    assert len(mail.outbox) == 3


def test_an_address_that_nobody_has_is_counted_alike() -> None:
    answers = [ask(Client(), "nobody@nowhere.example", REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(4)]
    assert answers == [302, 302, 302, 429]


def test_one_place_asks_for_so_many_addresses_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without PER_PLACE."""
    monkeypatch.setattr(limits, "PER_PLACE", ((timedelta(minutes=1), 2),))
    answers = [ask(Client(), f"n{n}@nowhere.example", REMOTE_ADDR="192.0.2.7").status_code for n in range(3)]
    assert answers == [302, 302, 429]
    assert ask(Client(), "n4@nowhere.example", REMOTE_ADDR="192.0.2.8").status_code == 302


def test_the_limit_passes_and_what_is_old_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        ask(Client())
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=16))
    assert ask(Client()).status_code == 302
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=2))
    ask(Client())
    assert CodeAsked.objects.count() == 1


def test_what_is_kept_of_asking_tells_no_address() -> None:
    ask(Client())
    [kept] = CodeAsked.objects.values()
    assert ADDRESS not in str(kept)


@pytest.mark.parametrize(
    ("caller", "place"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("", ""),
    ],
)
def test_a_place_is_a_subscriber(caller: str, place: str) -> None:
    assert place_of(caller) == place


def test_what_is_no_address_is_told_and_not_counted(client: Client) -> None:
    assert ask(client, "marie").status_code == 400
    assert ask(client, "").status_code == 400
    assert not CodeAsked.objects.exists()


def test_passkeys_are_tried_so_often_from_one_place_behind_the_proxy(settings: Any) -> None:
    """Fails where allauth takes the proxy for the caller: ten people a minute, and nobody else gets in."""
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    cache.clear()
    tries = [
        Client().post(f"{DOOR}cle/", {"credential": "{}"}, headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code
        for n in (*[1] * 11, 2)
    ]
    assert tries == [*[302] * 10, 429, 302]
    assert "Trop d’essais" in Client().post(f"{DOOR}cle/", headers={"x-forwarded-for": "192.0.2.1"}).text
    cache.clear()


# --- no reminder, and no way around what holds them --------------------------------------------------------


def test_a_code_leaves_while_all_sending_is_stopped_and_is_no_notice(client: Client, martin: Intermediary) -> None:
    switch = the_switch()
    switch.stopped = True
    account_for(ADDRESS, martin)
    come_in(client)
    assert len(mail.outbox) == 1
    assert not Notice.objects.exists()
    assert not Attempt.objects.exists()


def test_django_s_mail_sends_codes_and_nothing_else() -> None:
    """Fails where any other module could mail outside the batches, the brakes and the stop switch."""
    found = subprocess.run(
        ["grep", "-rlE", r"django\.core\.mail|send_mail\(|EmailMessage\(", "--include=*.py", "registry", "reminders",
         "hotline", "api", "web", "settings"],
        cwd=BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    own = {path for path in found.stdout.split() if not path.startswith(("reminders/", "web/demo/"))}
    assert own == {"web/people/mail.py", "web/people/smtp.py", "web/people/adapter.py"}


def test_the_adapter_mails_nothing_but_codes(client: Client) -> None:
    from web.people.adapter import AccountAdapter  # noqa: PLC0415 - its settings are read on import

    with pytest.raises(NotImplementedError):
        AccountAdapter().send_mail("account/email/unknown_account", ADDRESS, {})


def test_a_relay_that_does_not_answer_is_told_in_the_log_and_not_to_who_asks(
    client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    account_for()
    settings.EMAIL_BACKEND = "web.people.smtp.RelayBackend"
    settings.SMTP = parse_smtp_url("smtp://127.0.0.1:9")
    assert ask(client).status_code == 302
    assert "could not be mailed" in caplog.text
    assert ADDRESS not in caplog.text


@pytest.mark.parametrize(
    ("url", "tls", "ssl_", "verified"),
    [
        ("smtp://relay.example:25", False, False, True),
        ("smtp://u:p@relay.example?tls=starttls", True, False, True),
        ("smtps://relay.example?verify=no", False, True, False),
    ],
)
def test_the_relay_is_the_one_of_the_reminders(settings: Any, url: str, tls: bool, ssl_: bool, verified: bool) -> None:
    settings.SMTP = parse_smtp_url(url)
    backend = RelayBackend()
    assert (backend.host, backend.use_tls, backend.use_ssl) == ("relay.example", tls, ssl_)
    assert backend.ssl_context.check_hostname is verified


def test_signing_out_ends_the_session() -> None:
    marie = set_desk().client
    assert marie.post("/mon-espace/deconnexion/").headers["Location"] == "/"
    assert marie.get("/mon-espace/").headers["Location"] == f"{DOOR}?next=/mon-espace/"
