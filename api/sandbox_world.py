"""The fictional register of the sandbox: people to search among, and for each test key its own numbers, whose endings
say what each is answered. All of it is written by the register's own writers, at `STARTS_AT`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, transaction

from api.issuers import grant_issuer
from api.keys import create_key, end_mandate, grant_mandate
from api.models import ApiKey, IssuerMandate, Mandate
from api.sandbox import FIRST, FORCED, STARTS_AT
from api.sandbox_history import date_history
from api.sandbox_mail import MAILED, record_mails
from api.sandbox_outcomes import APPROVER, OFFICER, Outcome, TestKind, trials_of
from api.scopes import Scope
from registry.actions import RegisterError, file_renewal, open_renewals
from registry.actions.cases import open_case
from registry.actions.covers import record_cover
from registry.actions.files import RegistrationTerms, record_intermediary, record_registration
from registry.actions.issuers import record_issuer
from registry.actions.orders import confirm_order, record_order
from registry.actions.reviews import ask_correction
from registry.clock import local_day
from registry.intake.applying import apply_file
from registry.intake.fiction import write_register
from registry.intake.reading import open_register
from registry.models import Cover, Intermediary, Issuer, Registration
from registry.models.registration import Authority, DecisionKind
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverStatus
from registry.rules.problems import shown
from registry.rules.removals import Ground
from registry.rules.renewals import FilingChannel
from registry.rules.reviews import ReviewReason

PEOPLE = 400
DAY = local_day(STARTS_AT)
MINIMUM, ANNUAL_MINIMUM = 156_461_000, 231_561_000
"""Of an RC Pro of a COA: euro cents per claim and per year (CA A512-4)."""
_MARK = """
CREATE SCHEMA IF NOT EXISTS sandbox;
CREATE TABLE IF NOT EXISTS sandbox.world (made_at timestamptz NOT NULL DEFAULT now());
"""
_NUMBERING = 7_305_027


_SCOPES = {
    TestKind.INTERMEDIARY: (Scope.FILE_READ, Scope.FILE_WRITE),
    TestKind.ISSUER: (Scope.ISSUER_WRITE,),
    TestKind.STAFF: (Scope.STAFF_ALL,),
}


def require_sandbox() -> None:
    """Let only the sandbox's process go on. Raises RegisterError."""
    if not settings.SANDBOX:
        raise RegisterError("Cette commande est celle du bac à sable\u00a0: DJANGO_SETTINGS_MODULE=settings.sandbox.")


def prepare() -> bool:
    """Mark the empty database as the sandbox's, bring it up to date, fill it; whether it was filled now.

    Raises RegisterError outside the sandbox's process; another register's database is refused at the connection.
    """
    require_sandbox()
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
    call_command("migrate", verbosity=0)
    date_history(FIRST)
    if User.objects.filter(username=OFFICER).exists():
        return False
    with transaction.atomic():
        _fill(_staff(OFFICER, "registry_officer"))
        _staff(APPROVER, "approver")
    return True


def make_test_key(*, name: str, kind: TestKind) -> tuple[ApiKey, str, dict[Outcome, str]]:
    """An account of its own with a key and numbers of its own: key, token, numbers. Raises RegisterError."""
    require_sandbox()
    if User.objects.filter(username=name).exists():
        raise RegisterError(
            f"Le compte {name} existe déjà\u00a0: create_test_key {name} --another lui donne une autre clé, "
            f"renew_test_numbers {name} d’autres numéros\u00a0; sinon, prenez un autre nom."
        )
    with transaction.atomic():
        holder = _staff(name, "administrator") if kind is TestKind.STAFF else _account(name)
        key, token = create_key(holder=holder, name="essai", scopes=_SCOPES[kind], by=holder, now=FIRST)
        if kind is TestKind.ISSUER:
            code = f"ESSAI-{holder.pk}"
            issuer = record_issuer(by=None, why="bac à sable", code=code, name=f"Assureur d’essai {holder.pk}")
            grant_issuer(holder=holder, issuer=issuer, starts_on=local_day(FIRST), by=holder, why="bac à sable")
        return key, token, give_numbers(holder)


def add_test_key(*, name: str) -> tuple[ApiKey, str]:
    """Another key of an account that has one, with the same rights and numbers: key, token. Raises RegisterError."""
    holder = account_of_trials(name)
    scopes = [Scope(one) for one in ApiKey.objects.filter(holder=holder).earliest("id").scopes]
    return create_key(holder=holder, name="essai", scopes=scopes, by=holder, now=FIRST)


def account_of_trials(name: str) -> User:
    """The account of that name which test keys were made for. Raises RegisterError."""
    require_sandbox()
    found = User.objects.filter(username=name, pk__in=ApiKey.objects.values("holder")).first()
    if found is None:
        raise RegisterError(f"Aucun compte d’essai «\u00a0{shown(name)}\u00a0»\u00a0: create_test_key en fait un.")
    return found


def give_numbers(holder: User) -> dict[Outcome, str]:
    """Files of its own for an account, as new; those that it had are its no more, unless it is an issuer or staff."""
    require_sandbox()
    with transaction.atomic():
        for mandate in Mandate.objects.filter(holder=holder, ends_on=None).select_related("intermediary"):
            last_day = local_day(FIRST)
            end_mandate(
                holder=holder, intermediary=mandate.intermediary, last_day=last_day, by=holder, why="bac à sable"
            )
        numbers = {outcome: _number(outcome, first) for first in [_next_set()] for outcome in Outcome}
        issuer = IssuerMandate.objects.filter(holder=holder).select_related("issuer").first()
        files = {}
        for outcome, number in numbers.items():
            made = files[outcome] = _make(outcome, number, issuer.issuer if issuer else None, holder)
            if not holder.is_staff and not issuer and outcome is not Outcome.NOT_YOURS:
                grant_mandate(
                    holder=holder,
                    intermediary=made,
                    starts_on=local_day(FIRST),
                    ends_on=None,
                    by=holder,
                    why="bac à sable",
                )
        _renew(files[Outcome.RENEWAL_FILED])
        record_mails({outcome: files[outcome] for outcome in MAILED}, STARTS_AT)
    return numbers


def _renew(filed: Intermediary) -> None:
    """Open the requests of the campaign for all, and file that of one."""
    open_renewals(by=None, why="bac à sable", day=DAY, year=DAY.year)
    file_renewal(
        by=None,
        why="bac à sable",
        day=DAY,
        year=DAY.year,
        orias_number=filed.orias_number,
        category=Category.COA,
        channel=FilingChannel.API,
        filed_on=DAY,
    )


def _fill(officer: User) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "registre-fictif.csv"
        write_register(path, PEOPLE)
        apply_file(open_register(path), by=officer, now=STARTS_AT)


def _account(name: str, *, is_staff: bool = False) -> User:
    # No password: nobody logs in here.
    made = User(username=name, is_staff=is_staff)
    made.set_unusable_password()
    made.save()
    return made


def _staff(name: str, role: str) -> User:
    made = _account(name, is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return made


def _next_set() -> int:
    """The first number of a set of its own: 9, five digits, an ending."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
        cursor.execute("SELECT max(orias_number::int) / 100 FROM registry_intermediary WHERE orias_number LIKE '9%%'")
        last = cursor.fetchone()[0]
    return 900_001 if last is None else int(last) + 1


def _number(outcome: Outcome, first: int) -> str:
    return f"{first}{outcome.value}"


def _make(outcome: Outcome, number: str, issuer: Issuer | None, holder: User) -> Intermediary:
    """The file of one number; its trade name says whose trials it is for."""
    made = record_intermediary(
        by=None,
        why="bac à sable",
        orias_number=number,
        name=f"Cabinet d’essai {number}",
        trade_name=trials_of(holder),
        email=f"essai-{number}@cabinet.example",
        town="Brest",
    )
    terms = RegistrationTerms(holds_client_funds=outcome is Outcome.GUARANTEE_DUE)
    registration = record_registration(
        by=None,
        why="bac à sable",
        day=DAY,
        intermediary=made,
        category=Category.COA,
        registered_on=date(2015, 6, 5),
        terms=terms,
    )
    _COVERS.get(outcome, _renewed)(made, issuer.name if issuer else "Mutuelle d’essai")
    if outcome in _ORDERED:
        _order(_ORDERED[outcome], registration)
    if outcome is Outcome.REMOVAL_CASE:
        officer = User.objects.get(username=OFFICER)
        open_case(
            by=officer,
            now=STARTS_AT,
            intermediary=made,
            registration=registration,
            ground=Ground.CONDITION,
            reason="bac à sable",
        )
    made.refresh_from_db()
    return made


def _cover(
    made: Intermediary,
    insurer: str,
    ends_on: date,
    *,
    kind: CoverKind = CoverKind.RC_PRO,
    cents: int = MINIMUM,
    status: CoverStatus = CoverStatus.ACCEPTED,
    starts_on: date | None = None,
) -> Cover:
    """A year's certificate to this day."""
    return record_cover(
        by=None,
        why="bac à sable",
        day=DAY,
        intermediary=made,
        kind=kind,
        categories=[Category.COA],
        starts_on=starts_on or date(ends_on.year - 1, 3, 1),
        ends_on=ends_on,
        deposited_on=min(DAY, date(ends_on.year - 1, 1, 15)),
        amount_cents=cents,
        annual_cents=None if kind is CoverKind.FINANCIAL_GUARANTEE else ANNUAL_MINIMUM,
        issuer=insurer,
        policy=f"RC-{made.orias_number}",
        status=status,
    )


THIS_YEAR, NEXT_YEAR, LAST_YEAR = date(2026, 2, 28), date(2027, 2, 28), date(2025, 2, 28)


def _renewed(made: Intermediary, insurer: str) -> None:
    for term in (THIS_YEAR, NEXT_YEAR):
        _cover(made, insurer, term)


def _due(made: Intermediary, insurer: str) -> None:
    _cover(made, insurer, THIS_YEAR)


def _awaiting_review(made: Intermediary, insurer: str) -> None:
    _cover(made, insurer, THIS_YEAR)
    _cover(made, insurer, NEXT_YEAR, status=CoverStatus.DEPOSITED)


def _returned(made: Intermediary, insurer: str) -> None:
    _cover(made, insurer, THIS_YEAR)
    sent = _cover(made, insurer, NEXT_YEAR, status=CoverStatus.DEPOSITED)
    officer = User.objects.get(username=OFFICER)
    ask_correction(by=officer, why="bac à sable", day=DAY, cover=sent, reason=ReviewReason.UNREADABLE)


def _lapsed(made: Intermediary, insurer: str) -> None:
    _cover(made, insurer, LAST_YEAR)


def _missing(made: Intermediary, insurer: str) -> None:
    """Nothing."""


def _below_minimum(made: Intermediary, insurer: str) -> None:
    for term in (THIS_YEAR, NEXT_YEAR):
        _cover(made, insurer, term, cents=MINIMUM - 1)


def _gap(made: Intermediary, insurer: str) -> None:
    _cover(made, insurer, THIS_YEAR)
    _cover(made, insurer, date(2027, 3, 14), starts_on=date(2026, 3, 15))


def _guarantee_due(made: Intermediary, insurer: str) -> None:
    _renewed(made, insurer)
    _cover(made, insurer, THIS_YEAR, kind=CoverKind.FINANCIAL_GUARANTEE, cents=11_500_000)


_COVERS: dict[Outcome, Callable[[Intermediary, str], None]] = {
    Outcome.DUE: _due,
    Outcome.AWAITING_REVIEW: _awaiting_review,
    Outcome.RETURNED: _returned,
    Outcome.LAPSED: _lapsed,
    Outcome.MISSING: _missing,
    Outcome.BELOW_MINIMUM: _below_minimum,
    Outcome.GUARANTEE_DUE: _guarantee_due,
    Outcome.GAP: _gap,
    # Nobody sees what is in these.
    **dict.fromkeys((Outcome.NOT_YOURS, *(Outcome(ending) for ending in FORCED)), _missing),
    **dict.fromkeys((Outcome.INFECTED, Outcome.UNREADABLE, Outcome.ACCEPTED, Outcome.REFUSED, *MAILED), _due),
}
_ORDERED = {Outcome.SUSPENDED: DecisionKind.SUSPENSION, Outcome.REMOVED: DecisionKind.REMOVAL}


def _order(kind: DecisionKind, registration: Registration) -> None:
    """By the path of authorities, which needs two people and no letter from the intermediary."""
    officer, approver = (User.objects.get(username=name) for name in (OFFICER, APPROVER))
    order = record_order(
        by=officer,
        now=STARTS_AT,
        intermediary=registration.intermediary,
        registration=registration,
        kind=kind,
        authority=Authority.ACPR,
        act_reference="ESSAI-2026-1",
        dated_on=DAY,
        effective_on=DAY,
        reason="bac à sable",
    )
    confirm_order(by=approver, now=STARTS_AT, order=order, act_reference="ESSAI-2026-1")


assert set(FORCED) <= {outcome.value for outcome in Outcome}  # noqa: S101 - two tables of one thing
