"""A person of an intermediary, signed in, and the files that she acts for or does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Document, Intermediary
from tests.api.callers import holder_of
from tests.factories import DocumentFactory, RenewalRequestFactory
from tests.reminders.scenes import due_file
from web.people.backend import PERSON_BACKEND

MINE, OTHERS, ABSENT = "08000051", "08000052", "08000059"
ADDRESS = "marie@cabinet-martin.example"


class AtOnce:
    """In the place of the pool that mails codes: sends in this thread, before the page answers."""

    def submit(self, do: Any, *args: Any) -> None:
        do(*args)


@dataclass(frozen=True)
class Desk:
    """Marie's file with all that its pages show, and somebody else's that has the same."""

    marie: User
    mine: Intermediary
    others: Intermediary
    paper: Document
    paper_of_others: Document

    @property
    def client(self) -> Client:
        """A browser in which she has signed in."""
        return signed_in_as(self.marie)


def signed_in_as(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=PERSON_BACKEND)
    return client


def account_for(address: str = ADDRESS, *files: Intermediary) -> User:
    """An account that signs in by a code, acting for these files."""
    user = holder_of(*files, name=address)
    User.objects.filter(pk=user.pk).update(email=address)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def file_to_renew(number: str, **values: Any) -> Intermediary:
    """Somebody whose cover ends in February, with an open request."""
    found = due_file(number, **values)
    for registration in found.registrations.order_by("category"):
        RenewalRequestFactory(registration=registration)
    return found


def set_desk() -> Desk:
    mine = file_to_renew(MINE, categories=("COA", "IOB"), email="contact@cabinet-martin.example")
    Intermediary.objects.filter(pk=mine.pk).update(name="Cabinet Martin & <Filles>", town="Nantes")
    others = file_to_renew(OTHERS)
    mine.refresh_from_db()
    papers = [DocumentFactory(intermediary=one) for one in (mine, others)]
    return Desk(account_for(ADDRESS, mine), mine, others, *papers)
