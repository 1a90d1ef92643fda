"""The writers of the register: one transaction, who and why in the history, findings up to date, refusals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from registry import actions, findings
from registry.actions import RegisterError
from registry.actions.files import CONTACT_FIELDS, RegistrationTerms
from registry.findings import stale_files, verify_findings
from registry.models import (
    Cover,
    CoverEvent,
    Intermediary,
    Registration,
    RenewalRequest,
    StoredFinding,
)
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.facts import CoverEventKind
from registry.rules.renewals import FilingChannel
from tests.factories import (
    CoverFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    StoredFindingFactory,
    UserFactory,
    shifted,
)
from tests.registry.contact_writers import CONTACT_WRITERS
from tests.registry.paper_writers import PAPER_WRITERS
from tests.registry.register_files import commit, query, snapshot, versions

pytestmark = pytest.mark.django_db

DAY = date(2026, 2, 10)
AFTER = date(2026, 3, 5)
NOW = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)
WHY = "courrier du 10 février"


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def registration() -> Registration:
    """A COA whose RC Pro ends with February 2026, its findings stored."""
    made = RegistrationFactory.create()
    CoverFactory.create(intermediary=made.intermediary)
    findings.refresh_findings(as_of=DAY)
    return made


def deposited(registration: Registration, **values: Any) -> Cover:
    """The renewal of that registration's cover, waiting for review."""
    values = {"deposited_on": date(2026, 2, 5)} | values
    cover: Cover = CoverFactory.create(intermediary=registration.intermediary, renewed=True, deposited=True, **values)
    findings.refresh_findings(as_of=DAY)
    return cover


def state(registration: Registration, kind: str = "RC_PRO") -> str:
    return StoredFinding.objects.values_list("state", flat=True).get(registration=registration, kind=kind)


def request(registration: Registration, **state: Any) -> RenewalRequest:
    made: RenewalRequest = RenewalRequestFactory.create(registration=registration, **state)
    findings.refresh_findings(as_of=DAY)
    return made


def line(one: RenewalRequest) -> tuple[str, Category]:
    return one.registration.intermediary.orias_number, Category(one.registration.category)


def file(registration: Registration, by: Any) -> RenewalRequest:
    number, category = line(request(registration))
    return actions.file_renewal(
        by=by, why=WHY, day=DAY, year=2026, orias_number=number, category=category, channel=FilingChannel.ONLINE,
        filed_on=DAY,
    )  # fmt: skip


Writer = Callable[[Registration, Any], Any]


def record_cover(r: Registration, by: Any, **values: Any) -> Cover:
    given: dict[str, Any] = {
        "intermediary": r.intermediary,
        "kind": CoverKind.RC_PRO,
        "categories": [Category.IOB, Category.COA],
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2027, 2, 28),
        "deposited_on": date(2026, 2, 9),
    }
    return actions.record_cover(by=by, why=WHY, day=DAY, **(given | values))


WRITERS: dict[str, tuple[str, Writer]] = {
    "record_registration": (
        "Registration",
        lambda r, by: actions.record_registration(
            by=by,
            why=WHY,
            day=DAY,
            intermediary=r.intermediary,
            category=Category.IOB,
            registered_on=date(2026, 1, 9),
            terms=RegistrationTerms(holds_client_funds=True, filer=Filer.PRINCIPAL),
        ),
    ),
    "change_contact": (
        "Intermediary",
        lambda r, by: actions.change_contact(
            by=by, why=WHY, day=DAY, intermediary=r.intermediary, email="neu@example.org"
        ),
    ),
    "record_cover": ("Cover", record_cover),
    "accept_cover": (
        "Cover",
        lambda r, by: actions.accept_cover(by=by, why=WHY, day=DAY, cover=deposited(r)),
    ),
    "refuse_cover": (
        "Cover",
        lambda r, by: actions.refuse_cover(by=by, why=WHY, day=DAY, cover=deposited(r)),
    ),
    "withdraw_cover": (
        "Cover",
        lambda r, by: actions.withdraw_cover(by=by, why=WHY, day=DAY, cover=deposited(r)),
    ),
    "record_cover_event": (
        "CoverEvent",
        lambda r, by: actions.record_cover_event(
            by=by,
            why=WHY,
            day=DAY,
            cover=Cover.objects.get(intermediary=r.intermediary),
            kind=CoverEventKind.TERMINATED,
            effective_on=date(2026, 1, 15),
            received_at=datetime(2026, 1, 12, 9, tzinfo=UTC),
        ),
    ),
    "shift_campaign": (
        "DeadlineDecision",
        lambda r, by: actions.shift_campaign(
            by=by, reason=WHY, act_reference="A1", now=NOW, year=2026, dates={"due_on": date(2026, 2, 20)}
        ),
    ),
    "freeze_deadlines": (
        "DeadlineDecision",
        lambda r, by: actions.freeze_deadlines(
            by=by, reason=WHY, now=NOW, from_on=date(2026, 2, 8), until_on=date(2026, 2, 9)
        ),
    ),
    "open_renewals": ("RenewalRequest", lambda r, by: actions.open_renewals(by=by, why=WHY, day=DAY, year=2026)),
    "file_renewal": ("RenewalRequest", file),
    "file_renewals": (
        "RenewalRequest",
        lambda r, by: actions.file_renewals(
            by=by, why=WHY, day=DAY, year=2026, lines=[line(request(r))], channel=FilingChannel.API, filed_on=DAY
        ),
    ),
    "confirm_paper": (
        "RenewalRequest",
        lambda r, by: actions.confirm_paper(
            by=by, why=WHY, day=DAY, request=request(r, entered=True), filed_on=date(2026, 1, 20)
        ),
    ),
    "send_back_paper": (
        "RenewalRequest",
        lambda r, by: actions.send_back_paper(by=by, why=WHY, day=DAY, request=request(r, entered=True)),
    ),
    "record_fee": (
        "RenewalRequest",
        lambda r, by: actions.record_fee(
            by=by, why=WHY, day=DAY, request=request(r, filed=True), amount_cents=2_500, paid_on=DAY, reference="CB-1"
        ),
    ),
    "record_fee_notice": (
        "RenewalRequest",
        lambda r, by: actions.record_fee_notice(
            by=by, why=WHY, day=DAY, request=request(r, filed=True), informed_on=DAY
        ),
    ),
    "revert_decision": (
        "DeadlineDecision",
        lambda r, by: actions.revert_decision(
            by=by, reason=WHY, now=NOW, number=shifted(2026, due_on=date(2026, 2, 20)).pk
        ),
    ),
}
SIGNED = {"confirm_paper", "shift_campaign", "freeze_deadlines", "revert_decision"}
"""What a person answers for by name."""
REQUESTED: dict[str, dict[str, bool]] = {
    "file_renewal": {},
    "file_renewals": {},
    "confirm_paper": {"entered": True},
    "send_back_paper": {"entered": True},
    "record_fee": {"filed": True},
    "record_fee_notice": {"filed": True},
}
FEE_LETTERS = {"write_fee_letters", "record_fee_letters_posted"}
"""Tried in test_fee_letters.py."""
OTHERS = {"record_intermediary", "RegisterError", "recording"} | set(PAPER_WRITERS) | CONTACT_WRITERS | FEE_LETTERS


def test_every_writer_is_tested_here() -> None:
    assert set(WRITERS) == set(actions.__all__) - OTHERS


@pytest.mark.parametrize("name", WRITERS)
def test_i9_a_writer_leaves_who_and_why_in_the_history(name: str, registration: Registration, user: User) -> None:
    """Fails without `recording` in the writer."""
    model, write = WRITERS[name]
    history = apps.get_model("registry", f"{model}History").objects
    before = set(history.values_list("pgh_id", flat=True))
    write(registration, user)
    told = [
        entry.pgh_context.metadata
        for entry in history.exclude(pgh_id__in=before).select_related("pgh_context")
        if entry.pgh_context
    ]
    assert told
    assert all(metadata == {"user": user.pk, "why": WHY} for metadata in told)


@pytest.mark.parametrize("name", sorted(set(WRITERS) - SIGNED))
def test_a_write_by_the_system_says_why_and_nobody_s_name(name: str, registration: Registration) -> None:
    model, write = WRITERS[name]
    write(registration, None)
    commit()
    latest = apps.get_model("registry", f"{model}History").objects.order_by("-pgh_id")[0]
    assert latest.pgh_context.metadata == {"user": None, "why": WHY}


@pytest.mark.parametrize("name", WRITERS)
def test_i9_a_writer_brings_the_findings_up_to_date_in_its_own_transaction(
    name: str, registration: Registration, user: User
) -> None:
    """Fails without `store_findings` or `refresh_findings` in the writer."""
    WRITERS[name][1](registration, user)
    assert stale_files() == 0
    assert [d for chunk in verify_findings(day=DAY) for d in chunk.differences] == []


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_that_fails_at_its_last_step_leaves_neither_fact_nor_finding(
    name: str, registration: Registration, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the transaction of `recording`: the fact would stay, its findings would not."""
    if name.endswith("_cover") and name != "record_cover":
        cover = deposited(registration)
        monkeypatch.setattr(__name__ + ".deposited", lambda *_: cover)
    if name in REQUESTED:
        made = request(registration, **REQUESTED[name])
        monkeypatch.setattr(__name__ + ".request", lambda *_, **__: made)
    if name == "revert_decision":
        shift = shifted(2026, due_on=date(2026, 2, 20))
        monkeypatch.setattr(__name__ + ".shifted", lambda *_, **__: shift)
    before, old = snapshot(), versions()
    for module in ("files", "covers", "renewals", "renewal_fees"):
        monkeypatch.setattr(f"registry.actions.{module}.store_findings", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("registry.actions.renewals.refresh_findings", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("registry.actions.deadlines.refresh_findings", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        WRITERS[name][1](registration, user)
    assert snapshot() == before
    assert versions() == old


def test_a_new_intermediary_is_entered_with_who_and_why(user: User) -> None:
    made = actions.record_intermediary(by=user, why=WHY, orias_number="26000001", name="Cabinet neuf")
    [entry] = apps.get_model("registry", "IntermediaryHistory").objects.filter(pgh_obj=made)
    assert entry.pgh_context.metadata == {"user": user.pk, "why": WHY}
    assert (made.facts_version, Intermediary.objects.get().orias_number) == (1, "26000001")
    with pytest.raises(IntegrityError, match="orias_number"), transaction.atomic():
        actions.record_intermediary(by=user, why=WHY, orias_number="26000001", name="Un autre")


# --- what each writes -------------------------------------------------------------------------------------


def test_a_registration_is_recorded_with_its_terms(registration: Registration, user: User) -> None:
    WRITERS["record_registration"][1](registration, user)
    made = Registration.objects.get(category="IOB")
    assert (made.filer, made.holds_client_funds, made.funds_mandate) == ("PRINCIPAL", True, False)
    assert StoredFinding.objects.filter(registration=made).count() == 2


def test_contact_fields_are_changed_and_no_others(registration: Registration, user: User) -> None:
    """Fails without the check against CONTACT_FIELDS: a person could give itself another number."""
    assert not CONTACT_FIELDS & {"orias_number", "siren", "name", "facts_version", "id"}
    before = snapshot()
    with pytest.raises(RegisterError, match="non modifiables ici\u00a0: name, siren"):
        actions.change_contact(
            by=user, why=WHY, day=DAY, intermediary=registration.intermediary, siren="732829320", name="X", town="Y"
        )
    assert snapshot() == before


@pytest.mark.parametrize(
    "email", ["a@b@c.fr", "a@b.fr\nBcc: x@y.fr", "nobody", "a b@c.fr", "@c.fr", "x" * 65 + "@c.fr"]
)
def test_an_address_that_is_none_is_refused_with_the_words_of_the_import(
    registration: Registration, user: User, email: str
) -> None:
    """Fails without `_checked`: nobody could be written to there, and nobody would know."""
    before = snapshot()
    with pytest.raises(RegisterError, match="email\u00a0: "):
        actions.change_contact(by=user, why=WHY, day=DAY, intermediary=registration.intermediary, email=email)
    with pytest.raises(RegisterError, match="email\u00a0: "):
        actions.record_intermediary(by=user, why=WHY, orias_number="07999999", name="Cabinet", email=email)
    assert snapshot() == before


def test_an_address_is_kept_as_the_import_would_keep_it(registration: Registration, user: User) -> None:
    who = registration.intermediary
    for given, kept in ((" Contact@Cabinet-Étoile.EXAMPLE ", "Contact@xn--cabinet-toile-ihb.example"), ("", "")):
        actions.change_contact(by=user, why=WHY, day=DAY, intermediary=who, email=given)
        who.refresh_from_db()
        assert who.email == kept


def test_a_certificate_waits_for_review_and_keeps_its_deposit_day(registration: Registration, user: User) -> None:
    cover = record_cover(registration, user)
    cover.refresh_from_db()
    assert (cover.status, cover.channel, cover.categories) == ("DEPOSITED", "PORTAL", ["COA", "IOB"])
    assert cover.deposited_on == date(2026, 2, 9)


@pytest.mark.parametrize(
    ("name", "status"),
    [("accept_cover", "ACCEPTED"), ("refuse_cover", "REFUSED"), ("withdraw_cover", "WITHDRAWN")],
)
@pytest.mark.parametrize("already", ["ACCEPTED", "REFUSED", "WITHDRAWN"])
def test_only_a_certificate_that_waits_is_reviewed(
    registration: Registration, user: User, name: str, status: str, already: str
) -> None:
    """Fails without `status=DEPOSITED` in the update: the last reviewer would win."""
    review = getattr(actions, name)
    cover = deposited(registration)
    review(by=user, why=WHY, day=DAY, cover=cover)
    cover.refresh_from_db()
    assert cover.status == status
    Cover.objects.filter(pk=cover.pk).update(status=already)
    before = snapshot()
    with pytest.raises(RegisterError, match=f"L’attestation {cover.pk} n’attend plus de contrôle"):
        review(by=user, why=WHY, day=DAY, cover=cover)
    assert snapshot() == before


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_is_refused(registration: Registration) -> None:
    """Fails if the state were read first and written afterwards."""
    cover, start, outcomes = deposited(registration), threading.Barrier(2), []

    def review(decide: Callable[..., None]) -> None:
        start.wait(10)
        try:
            decide(by=None, why=WHY, day=DAY, cover=cover)
            outcomes.append(decide.__name__)
        except RegisterError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=review, args=[d]) for d in (actions.accept_cover, actions.refuse_cover)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    [refusal] = [o for o in outcomes if "n’attend plus" in o]
    [won] = [o for o in outcomes if o != refusal]
    cover.refresh_from_db()
    assert cover.status == {"accept_cover": "ACCEPTED", "refuse_cover": "REFUSED"}[won]
    labels = apps.get_model("registry", "CoverHistory").objects.filter(pgh_obj=cover).values_list("pgh_label")
    assert sorted(labels) == [("insert",), ("update",)]


def test_the_issuer_s_word_re_opens_a_file(registration: Registration, user: User) -> None:
    before = state(registration)
    WRITERS["record_cover_event"][1](registration, user)
    assert CoverEvent.objects.get().kind == "TERMINATED"
    assert state(registration) == "LAPSED" != before


# --- I12: the date of deposit -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["accept_cover", "refuse_cover", "withdraw_cover"])
def test_i12_a_review_after_the_deadline_leaves_the_deposit_day_as_it_was(
    registration: Registration, user: User, name: str
) -> None:
    """Fails if a review wrote `deposited_on`."""
    cover = deposited(registration, deposited_on=date(2026, 2, 27))
    getattr(actions, name)(by=user, why=WHY, day=AFTER, cover=cover)
    cover.refresh_from_db()
    assert cover.deposited_on == date(2026, 2, 27)


def test_i12_what_waits_for_our_review_is_not_the_intermediary_s_to_do_however_late_it_is(
    registration: Registration, user: User
) -> None:
    """Fails without DEPOSITED papers being counted as `awaits_us`."""
    assert state(registration) == "DUE"
    cover = record_cover(registration, user, deposited_on=date(2026, 2, 27))
    assert state(registration) == "AWAITING_REVIEW"
    findings.refresh_findings(as_of=AFTER)
    assert state(registration) == "AWAITING_REVIEW"
    actions.accept_cover(by=user, why=WHY, day=AFTER, cover=cover)
    assert state(registration) == "IN_FORCE"


def test_i12_a_paper_keyed_in_later_keeps_the_day_it_came(registration: Registration, user: User) -> None:
    cover = record_cover(registration, user, deposited_on=date(2026, 2, 2))
    assert Cover.objects.get(pk=cover.pk).deposited_on == date(2026, 2, 2)


# --- I11: removals ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_i11_no_registration_is_removed_without_a_decision(registration: Registration) -> None:
    with pytest.raises(IntegrityError, match="without a decision"):
        Registration.objects.update(removed_on=DAY)
    assert not Registration.objects.filter(removed_on__isnull=False).exists()


def test_a_write_touches_the_findings_of_its_own_file_only(registration: Registration, user: User) -> None:
    bystander = StoredFindingFactory.create()
    [before] = query("SELECT xmin::text, ctid::text FROM registry_storedfinding WHERE id = %s", bystander.pk)
    record_cover(registration, user)
    assert query("SELECT xmin::text, ctid::text FROM registry_storedfinding WHERE id = %s", bystander.pk) == [before]
