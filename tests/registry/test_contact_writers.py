"""I9 for the writers of contacts, address checks, merges and dismissals: who and why are in the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from registry import actions
from registry.merges import preview_merge
from registry.models import Contact, Intermediary, IntermediaryMerge, Registration
from registry.rules.contacts import CheckSource
from tests.factories import NOW, ContactFactory, IntermediaryFactory, RegistrationFactory, UserFactory
from tests.registry.contact_writers import CONTACT_WRITERS

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 29)
WHY = "instruction du 29 janvier"

Writer = Callable[[User], Any]


@pytest.fixture
def file() -> Intermediary:
    who = IntermediaryFactory(orias_number="08000041", email="cabinet@example.org")
    RegistrationFactory(intermediary=who)
    return who


@pytest.fixture
def contact(file: Intermediary) -> Contact:
    return ContactFactory(intermediary=file)


@pytest.fixture
def double() -> Intermediary:
    return IntermediaryFactory(orias_number="08000042")


def merged(by: User) -> IntermediaryMerge:
    shown = preview_merge("08000041", "08000042")
    return actions.merge_intermediaries(
        by=by, approved_by=UserFactory(), why=WHY, now=NOW, day=DAY, keep="08000041", drop="08000042",
        preview_hash=shown.hash,
    )  # fmt: skip


@pytest.fixture
def acts(file: Intermediary, contact: Contact, double: Intermediary) -> dict[str, tuple[str, Writer]]:
    given: dict[str, Any] = {"why": WHY, "day": DAY}
    return {
        "record_contact": (
            "Contact",
            lambda by: actions.record_contact(
                by=by, intermediary=file, role="ACCOUNTING", name="C. Martin", email="compta@example.org", **given
            ),
        ),
        "revise_contact": ("Contact", lambda by: actions.revise_contact(by=by, contact=contact, name="D. M.", **given)),
        "remove_contact": ("Contact", lambda by: actions.remove_contact(by=by, contact=contact, **given)),
        "confirm_address": (
            "AddressCheck",
            lambda by: actions.confirm_address(by=by, intermediary=file, source=CheckSource.STAFF, **given),
        ),
        "merge_intermediaries": ("IntermediaryMerge", merged),
        "undo_merge": (
            "IntermediaryMerge",
            lambda by: actions.undo_merge(by=by, why=WHY, now=NOW, day=DAY, merge_id=merged(by).pk),
        ),
        "dismiss_duplicate": (
            "DuplicateDismissal",
            lambda by: actions.dismiss_duplicate(by=by, why=WHY, now=NOW, numbers=("08000041", "08000042")),
        ),
    }


def test_every_writer_is_tried(acts: dict[str, tuple[str, Writer]]) -> None:
    assert set(acts) == CONTACT_WRITERS


@pytest.mark.parametrize("name", sorted(CONTACT_WRITERS))
def test_i9_a_writer_leaves_who_and_why_in_the_history(name: str, acts: dict[str, tuple[str, Writer]]) -> None:
    """Fails without `recording` in the writer."""
    by = UserFactory()
    model, write = acts[name]
    history = apps.get_model("registry", f"{model}History").objects
    before = set(history.values_list("pgh_id", flat=True))
    write(by)
    told = [e.pgh_context.metadata for e in history.exclude(pgh_id__in=before).select_related("pgh_context")]
    assert told
    assert all(metadata == {"user": by.pk, "why": WHY} for metadata in told)


@pytest.mark.parametrize("name", sorted(CONTACT_WRITERS))
def test_i9_no_finding_is_older_than_the_write(name: str, acts: dict[str, tuple[str, Writer]]) -> None:
    """Fails without `store_findings` or `_refresh`: the file would be called stale, and never be mailed on."""
    acts[name][1](UserFactory())
    versions = dict(Intermediary.objects.values_list("pk", "facts_version"))
    for registration in Registration.objects.prefetch_related("findings"):
        for finding in registration.findings.all():
            assert finding.facts_version == versions[registration.intermediary_id]
