"""Who may sign in as a person of an intermediary, and how such an account begins.

Two ways in (docs/decisions/0029): the principal address of a file, confirmed within the year, asks for a code; or
somebody with the right invites an address. An account without a mandate sees nothing.
"""

from __future__ import annotations

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from api.keys import grant_mandate
from api.models import Mandate
from registry.actions import RegisterError, confirm_address
from registry.models import AddressCheck, Intermediary
from registry.rules.contacts import CHECKED_EVERY, CheckSource

LONGEST_USERNAME = 150
CONFIRMED_AGAIN = timedelta(days=30)


def account_to_sign_in(address: str, day: date) -> User | None:
    """The account that a code for this address opens; made where the address is the confirmed one of a file.

    None for anybody else, and for staff: a code in a mail opens no rights of theirs.
    """
    address = address.lower()
    known = EmailAddress.objects.filter(email=address).select_related("user").order_by("id").first()
    if known is not None:
        return known.user if is_person(known.user) else None
    return open_account(address) if files_of_address(address, day).exists() else None


def is_person(user: User) -> bool:
    """Whether an account is an open one and not of staff."""
    return user.is_active and not user.is_staff and not user.is_superuser


def files_of_address(address: str, day: date) -> QuerySet[Intermediary]:
    """The files whose principal address this is, as it stands, confirmed within the year."""
    confirmed = AddressCheck.objects.filter(
        intermediary=OuterRef("pk"), email=OuterRef("email"), checked_on__gt=day - CHECKED_EVERY
    )
    same = Intermediary.objects.alias(folded=Lower("email")).filter(folded=address.lower(), merged_into=None)
    return same.filter(Exists(confirmed))


def open_account(address: str) -> User | None:
    """An account without password for an address; None where another one has its name already."""
    with transaction.atomic():
        user, made = User.objects.get_or_create(
            username=address.lower()[:LONGEST_USERNAME],
            defaults={"email": address.lower(), "password": make_password(None)},
        )
        if not made:
            return None
        EmailAddress.objects.create(user=user, email=address.lower(), primary=True, verified=False)
        return user


def adopt_files(user: User, day: date) -> int:
    """Give a person who has just shown that the address is hers the files that it is the confirmed address of; how
    many. One that was taken from her once is not given again."""
    mine = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    found = [file for address in mine for file in files_of_address(address, day)]
    held = set(Mandate.objects.filter(holder=user, intermediary__in=found).values_list("intermediary_id", flat=True))
    for file in (adopted := [file for file in found if file.pk not in held]):
        grant_mandate(
            holder=user, intermediary=file, starts_on=day, ends_on=None, by=user,
            why="connexion par l’adresse principale confirmée du dossier",
        )  # fmt: skip
    return len(adopted)


def confirm_addresses(user: User, day: date) -> int:
    """Note that this person, who has just shown that she reads them, reads the principal addresses of her files; how
    many. Where that was noted within the month, once is enough."""
    mine = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    held = Mandate.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), holder=user, starts_on__lte=day)
    lately = AddressCheck.objects.filter(
        intermediary=OuterRef("pk"), email=OuterRef("email"), checked_on__gt=day - CONFIRMED_AGAIN
    )
    same = Intermediary.objects.alias(folded=Lower("email")).filter(folded__in=list(mine), merged_into=None)
    found = list(same.filter(~Exists(lately), pk__in=held.values("intermediary")))
    for file in found:
        why = "code reçu à cette adresse et tapé sur le site"
        confirm_address(by=user, why=why, day=day, intermediary=file, source=CheckSource.SELF)
    return len(found)


def invite(*, address: str, intermediary: Intermediary, day: date, ends_on: date | None, by: User, why: str) -> User:
    """Let whoever reads an address act for an intermediary from `day` on. Raises RegisterError."""
    with transaction.atomic():
        known = EmailAddress.objects.filter(email=address.lower()).select_related("user").first()
        user = known.user if known else open_account(address)
        if user is None or not is_person(user):
            raise RegisterError("Cette adresse est celle d’un autre compte\u00a0: donnez-en une autre.")
        grant_mandate(holder=user, intermediary=intermediary, starts_on=day, ends_on=ends_on, by=by, why=why)
        return user
