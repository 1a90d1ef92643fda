"""Who plays in the demonstration: one account a person, one role each, one password for all."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from registry.actions import recording
from registry.clock import local_day
from registry.findings import store_findings
from registry.models import Intermediary, RenewalCampaign, RenewalRequest
from registry.roles import Role
from reminders.models import Notice
from reminders.rules.states import NoticeState
from web.people.accounts import invite

# Known to everybody: the demonstration listens on the loopback interface alone.
PASSWORD = "demonstration-2014"  # noqa: S105
CHOSEN_AMONG = 200

PERSON = "marie@cabinet.example"
"""The person of an intermediary: she enters by a code, which the terminal shows."""

CAST: dict[str, Role] = {
    "alice": Role.REGISTRY_OFFICER,
    "bruno": Role.APPROVER,
    "claire": Role.APPROVER,
    "hugo": Role.HOTLINE_AGENT,
    "lea": Role.HOTLINE_LEAD,
    "ada": Role.AUDITOR,
    "admin": Role.ADMINISTRATOR,
}


@transaction.atomic
def open_accounts() -> dict[str, User]:
    """Make everybody's account. The password is hashed once: it is meant to be slow."""
    hashed = make_password(PASSWORD)
    return {name: _open(name, role, hashed) for name, role in CAST.items()}


def _open(name: str, role: Role, hashed: str) -> User:
    user = User.objects.create(username=name, email=f"{name}@registre.example", password=hashed, is_staff=True)
    user.groups.add(Group.objects.get(name=role.group))
    return user


@transaction.atomic
def open_person(*, by: User, now: datetime) -> Intermediary | None:
    """Let PERSON act for somebody who was reminded, with a request to renew; None where nobody was."""
    reminded = Notice.objects.filter(state=NoticeState.ACCEPTED.value).order_by("rank").select_related("intermediary")
    notice = max(reminded[:CHOSEN_AMONG], key=lambda one: len(one.items), default=None)
    if notice is None:
        return None
    whose, day = notice.intermediary, local_day(now)
    invite(address=PERSON, intermediary=whose, day=day, ends_on=None, by=by, why="démonstration")
    with recording(by=by, why="démonstration"):
        campaign = RenewalCampaign.objects.get(year=day.year)
        for registration in whose.registrations.filter(removed_on=None):
            RenewalRequest.objects.get_or_create(
                registration=registration, campaign=campaign, defaults={"opened_on": campaign.opens_on}
            )
        store_findings(whose.pk, as_of=day)
    return whose
