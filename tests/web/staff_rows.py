"""The staff's acts of law (commission, orders, destruction, requests, fees, signals) for the test of every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from registry import clock
from registry.models import (
    AuthorityOrder,
    CommissionMember,
    CommissionSession,
    PurgeCertificate,
    PurgedFile,
    RenewalRequest,
    Signal,
)
from tests.factories import RegistrationFactory, RenewalRequestFactory, SignalFactory, UserFactory
from tests.removing import members, ordered
from tests.web.hotline_rows import HotlineRow, at
from tests.web.staff_stage import a_signer, the_case
from tests.web.stage import ROLES, Stage
from web.agreements import sign

EVERYBODY = frozenset(ROLES) - {"hotline_extra"}
KEEPERS = frozenset({"registry_officer", "administrator"})
SIGNERS = frozenset({"approver", "administrator"})
ADMINISTRATORS = frozenset({"administrator"})


def the_session() -> CommissionSession:
    """A session with one vote, to be signed; the same at each call."""
    found = CommissionSession.objects.first()
    if found is None:
        day = date(2026, 1, 26)
        seats = len(members(3, date(2025, 1, 1)))
        found = CommissionSession.objects.create(
            number="CI-2026-000001", held_on=day, seats=seats, digest="0" * 64, prepared_by=a_signer(),
            prepared_at=clock.now(),
        )  # fmt: skip
        vote = found.resolutions.create(case=the_case())
        for member in CommissionMember.objects.all():
            vote.ballots.create(member=member, choice="FOR")
    return found


def the_order() -> AuthorityOrder:
    """An order that waits for a second person, the same at each call."""
    found = AuthorityOrder.objects.first()
    if found is None:
        registration, day = RegistrationFactory(), date(2026, 1, 26)
        found = AuthorityOrder.objects.create(
            intermediary=registration.intermediary, registration=registration, kind="REMOVAL", authority="ACPR",
            act_reference="2026-C-9", dated_on=day, effective_on=day, reason="essai", entered_by=a_signer(),
            entered_at=clock.now(),
        )  # fmt: skip
    return found


def the_minutes() -> str:
    """The number of a session that was signed, the same at each call."""
    number = "CI-2026-000002"
    if not CommissionSession.objects.filter(number=number).exists():
        CommissionSession.objects.create(
            number=number, held_on=date(2020, 1, 6), seats=0, digest="0" * 64, prepared_by=a_signer(),
            prepared_at=clock.now(),
        )  # fmt: skip
        CommissionSession.objects.filter(number=number).update(
            signed_by=UserFactory(), signed_at=clock.now(), minutes=b"%PDF-", minutes_sha256="0" * 64
        )
    return number


def the_certificate() -> str:
    """The number of a certificate of destruction, the same at each call."""
    number = "CD-2026-000001"
    if not PurgeCertificate.objects.exists():
        PurgeCertificate.objects.create(
            number=number, as_of=date(2026, 1, 26), list_hash="0" * 64, files=1, executed_at=clock.now(),
            asked_by=a_signer(), approved_by=UserFactory(),
        )  # fmt: skip
        gone = ordered(RegistrationFactory(), date(2020, 5, 4)).intermediary
        PurgedFile.objects.create(intermediary=gone, certificate=PurgeCertificate.objects.get())
        PurgeCertificate.objects.update(pdf=b"%PDF-", sha256="0" * 64)
    return number


def a_destruction() -> str:
    """The token of a list that an administrator has signed; it is not what is due any more."""
    by = UserFactory(is_staff=True, is_superuser=True)
    return sign("purge", by, as_of="2026-01-26", hash="0" * 64, reason="essai")


def campaign(path: str) -> Callable[[Stage], str]:
    """A page of the campaign, with a paper that waits and a fee that is owed."""

    def reached(_: Stage) -> str:
        if not RenewalRequest.objects.exists():
            RenewalRequestFactory(entered=True)
            RenewalRequestFactory(filed=True)
        return path

    return reached


def signals(_: Stage) -> str:
    """With one that waits, and one that is settled."""
    if not Signal.objects.exists():
        SignalFactory()
        SignalFactory(settled=True)
    return "/espace/signalements/"


def session(rest: str = "") -> Callable[[Stage], str]:
    return lambda _: f"/espace/commission/{the_session().number}/{rest}"


LAW_ROWS: dict[str, HotlineRow] = {
    "sessions": HotlineRow(lambda _: f"/espace/commission/?{the_session().pk}", EVERYBODY),
    "session_enter": HotlineRow(at("/espace/commission/saisir/"), KEEPERS),
    "session_member": HotlineRow(at("/espace/commission/membres/"), ADMINISTRATORS, "post", 409),
    "session": HotlineRow(session(), EVERYBODY),
    "session_sign": HotlineRow(session("signer/"), SIGNERS, "post", 409),
    "session_minutes": HotlineRow(lambda _: f"/espace/commission/{the_minutes()}/pv.pdf", EVERYBODY),
    "orders": HotlineRow(lambda _: f"/espace/ordres/?{the_order().pk}", EVERYBODY),
    "order_enter": HotlineRow(at("/espace/ordres/saisir/"), KEEPERS),
    "reenter": HotlineRow(at("/espace/ordres/reinscrire/"), KEEPERS),
    "order": HotlineRow(lambda _: f"/espace/ordres/{the_order().pk}/", EVERYBODY),
    "purges": HotlineRow(lambda _: f"/espace/destructions/?{the_certificate()}", EVERYBODY),
    "purge_sign": HotlineRow(at("/espace/destructions/signer/"), ADMINISTRATORS, "post", 409),
    "purge_agreement": HotlineRow(lambda _: f"/espace/destructions/accord/{a_destruction()}/", EVERYBODY),
    "hold": HotlineRow(at("/espace/destructions/conserver/"), SIGNERS, "post", 409),
    "purge_certificate": HotlineRow(lambda _: f"/espace/destructions/{the_certificate()}.pdf", EVERYBODY),
    "signals": HotlineRow(signals, EVERYBODY),
    "signal_settle": HotlineRow(at("/espace/signalements/1/"), KEEPERS, "post", 409),
    "renewals": HotlineRow(campaign("/espace/demandes/?annee=2026"), EVERYBODY),
    "renewals_open": HotlineRow(at("/espace/demandes/ouvrir/"), KEEPERS, "post", 409),
    "renewal_paper": HotlineRow(at("/espace/demandes/papier/"), KEEPERS, "post", 409),
    "renewal_fee": HotlineRow(at("/espace/demandes/reglement/"), KEEPERS, "post", 409),
    "renewal_confirm": HotlineRow(at("/espace/demandes/1/confirmer/"), KEEPERS, "post", 409),
    "fees": HotlineRow(campaign("/espace/frais/?annee=2026"), EVERYBODY),
    "fees_write": HotlineRow(at("/espace/frais/ecrire/"), KEEPERS, "post", 409),
    "fees_posted": HotlineRow(at("/espace/frais/postees/"), KEEPERS, "post", 409),
}
"""By name, as `Row` of the test of every page."""
LAW_FILES = frozenset({"session_minutes", "purge_certificate"})
