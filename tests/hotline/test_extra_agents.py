"""Extra agents: a role for a few days, which ends by itself, and the roles of the hotline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, transaction

from hotline.actions.extra_agents import end_extra, grant_extra
from hotline.errors import HotlineError
from hotline.models import ExtraAgent
from tests.factories import NOW, UserFactory
from web.access import GIVE_EXTRA, LEAD, LOG_CALLS, SEE_FILES, SEE_LOOK_UPS, Rights

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def lea() -> User:
    user: User = UserFactory(username="lea", is_staff=True)
    return user


def give(by: User, name: str = "renfort", **values: Any) -> tuple[ExtraAgent, str]:
    usual: dict[str, Any] = {"name": name, "ends_at": TOMORROW, "by": by, "now": NOW}
    return grant_extra(**usual | values)


def test_the_role_counts_until_its_end_and_not_a_second_longer(lea: User) -> None:
    """Fails where somebody must take it back."""
    made, password = give(lea)
    account = User.objects.get(username="renfort")
    assert account.check_password(password)
    assert LOG_CALLS in Rights(account, TOMORROW - timedelta(seconds=1))
    assert not Rights(account, TOMORROW).held
    end_extra(grant_id=made.pk, by=lea, now=NOW)
    assert SEE_FILES not in Rights(account, NOW)


def test_an_account_that_is_there_keeps_its_password_and_its_other_roles(lea: User) -> None:
    officer = UserFactory(username="olive", is_staff=True)
    assert give(lea, "olive")[1] == ""
    assert LOG_CALLS in Rights(officer, NOW)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ends_at": NOW}, "prend fin"),
        ({"ends_at": NOW + timedelta(days=32)}, "prend fin"),
        ({"name": "lea"}, "soi-même"),
        ({"name": "logiciel"}, "membre du personnel"),
        ({"name": "un nom / interdit"}, "ne convient pas"),
    ],
)
def test_what_cannot_be_given_is_refused(values: dict[str, Any], words: str, lea: User) -> None:
    UserFactory(username="logiciel", is_staff=False)
    with pytest.raises(HotlineError, match=words):
        give(lea, **values)
    assert not User.objects.filter(username="renfort").exists()


def test_the_database_refuses_a_grant_without_an_end_or_to_oneself(lea: User) -> None:
    """Fails without extraagent_is_dated, extraagent_is_given_by_another, extraagent_end_is_whole,
    extraagent_as_given_stays, extraagent_ends_once and extraagent_is_kept."""
    made, _ = give(lea)
    row = {"account": made.account, "role": made.role, "granted_at": NOW, "granted_by": lea, "ends_at": TOMORROW}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("extraagent_is_dated", {"ends_at": NOW}),
        ("extraagent_is_dated", {"ends_at": NOW + timedelta(days=32)}),
        ("extraagent_is_given_by_another", {"account": lea}),
        ("extraagent_end_is_whole", {"ended_at": NOW}),
    ]
    for name, values in wrong:
        with pytest.raises(DatabaseError, match=name), transaction.atomic():
            ExtraAgent.objects.create(**row | values)
    rows = ExtraAgent.objects.filter(pk=made.pk)
    with pytest.raises(DatabaseError, match="what was frozen stays"), transaction.atomic():
        rows.update(ends_at=TOMORROW + timedelta(days=1))
    end_extra(grant_id=made.pk, by=lea, now=NOW)
    with pytest.raises(HotlineError, match="déjà terminé"):
        end_extra(grant_id=made.pk, by=lea, now=NOW)
    with pytest.raises(DatabaseError, match="stays ended"), transaction.atomic():
        rows.update(ended_at=None, ended_by=None)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()


def test_the_lead_may_all_that_an_agent_may_and_what_a_lead_needs() -> None:
    """Fails where a permission given to agents later on was not given to the lead."""

    def held(role: str) -> set[str]:
        pairs = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        return {f"{app}.{codename}" for app, codename in pairs}

    assert held("hotline_agent") <= held("hotline_lead")
    assert {LEAD, GIVE_EXTRA, SEE_LOOK_UPS, "hotline.change_complaint"} <= held("hotline_lead")
    assert held("hotline_extra") <= held("hotline_agent")
