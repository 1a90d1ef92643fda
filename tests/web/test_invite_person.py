"""invite_person: staff let an address sign in for an intermediary."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.management import call_command

from api.models import Mandate
from registry.management.console import Failed, WrongUse
from tests.api.callers import staff_in
from tests.factories import IntermediaryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _somebody() -> None:
    staff_in("administrator", "alice")
    IntermediaryFactory(orias_number="08000061")


def run(address: str = "Marie@Cabinet.example", number: str = "08000061", **options: Any) -> None:
    call_command("invite_person", address, number, **({"by": "alice"} | options))


def test_an_address_is_invited_without_password_and_without_mail(
    mailoutbox: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run(ends_on=date(2027, 6, 30))
    mandate = Mandate.objects.get()
    assert (mandate.intermediary.orias_number, mandate.ends_on) == ("08000061", date(2027, 6, 30))
    assert not mandate.holder.has_usable_password()
    assert EmailAddress.objects.get().email == "marie@cabinet.example"
    assert mailoutbox == []
    assert "marie@cabinet.example agit pour" in capsys.readouterr().out


def test_one_account_may_act_for_several_intermediaries_and_once_for_each() -> None:
    IntermediaryFactory(orias_number="08000062")
    run()
    run(number="08000062")
    assert (User.objects.exclude(username="alice").count(), Mandate.objects.count()) == (1, 2)
    with pytest.raises(Failed, match="déjà un mandat"):
        run()


def test_what_is_no_address_or_no_intermediary_is_refused() -> None:
    with pytest.raises(WrongUse, match="n’est pas une adresse"):
        run("marie")
    with pytest.raises(Failed, match="n’est pas au registre"):
        run(number="08000069")


def test_only_who_manages_keys_may_invite() -> None:
    """Fails without `require`."""
    staff_in("hotline_agent", "hugo")
    with pytest.raises(Failed):
        run(by="hugo")
    assert not Mandate.objects.exists()
