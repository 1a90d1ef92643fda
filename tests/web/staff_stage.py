"""What the pages of registry staff show: certificates to review with their paper on the disk."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from registry.merges import preview_merge
from registry.models import Cover, CoverPaper, Document, RemovalCase
from registry.papers import store
from registry.reviews import shown_mark
from tests.api.callers import staff_in
from tests.factories import CoverFactory, CoverPaperFactory, DocumentFactory, RegistrationFactory
from tests.papers import pdf
from tests.removing import raw_case, raw_letter
from web.agreements import sign


def a_paper(*, policy: str = "RC-2026/77", clean: bool = True, **cover: Any) -> Cover:
    """The next year's certificate of a COA, deposited on 12 January with a PDF that a scanner found clean."""
    registration = RegistrationFactory()
    CoverFactory(intermediary=registration.intermediary, categories=["COA"])
    values = {"renewed": True, "deposited": True, "categories": ["COA"], "deposited_on": date(2026, 1, 12)} | cover
    made: Cover = CoverFactory(intermediary=registration.intermediary, policy=policy, **values)
    CoverPaperFactory(cover=made, document=a_document(made, clean=clean))
    return made


def a_document(cover: Cover, *, clean: bool = True) -> Document:
    """A PDF of that file, its bytes in the store."""
    with store.scratch() as path:
        path.write_bytes(pdf())
        digest = store.keep(path)
    made: Document = DocumentFactory(intermediary=cover.intermediary, kept_sha256=digest, clean=clean)
    return made


def the_paper() -> Cover:
    """The same one at each call."""
    return Cover.objects.filter(policy="RC-2026/77").select_related("intermediary").first() or a_paper()


def as_role(role: str, name: str | None = None) -> Client:
    """A browser of the same person of that role at each call."""
    client = Client()
    client.force_login(User.objects.filter(username=name or role).first() or staff_in(role, name))
    return client


def mark_of(cover: Cover) -> str:
    """What a page that shows it now would name."""
    fresh = Cover.objects.select_related("intermediary").get(pk=cover.pk)
    paper = CoverPaper.objects.filter(cover=cover.pk).order_by("-id").select_related("document").first()
    return shown_mark(fresh, paper.document if paper else None)


def an_agreement() -> str:
    """The token of a merge that somebody has signed."""
    by = a_signer()
    shown = preview_merge("08000042", "08000043").hash
    return sign("merge", by, keep="08000042", drop="08000043", hash=shown, reason="essai")


def a_signer() -> User:
    """Somebody who may sign, the same at each call."""
    return User.objects.filter(username="signer").first() or staff_in("registry_officer", "signer")


def a_comparison(what: str = "compared") -> str:
    """The token of a register file that somebody has compared (or, as "import", signed); it is not there any more."""
    names = ("records", "ok", "error", "duplicate", "ignored", "warnings", "new", "changed", "unchanged", "removed")
    said = {"sha256": "0" * 64, "name": "registre.csv", "counts": dict.fromkeys(names, 1), "removed": 1, "in_force": 9}
    return sign(what, a_signer(), **said, skip_errors=False, mass_change=False, reason="essai")


def the_case() -> RemovalCase:
    """A removal case with its first letter, the same at each call."""
    found = RemovalCase.objects.first()
    if found is None:
        found = raw_case(RegistrationFactory())
        raw_letter(found)
    return found
