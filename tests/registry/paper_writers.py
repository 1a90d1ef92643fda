"""The writers of files and reviews, each as it is called once, on a certificate that waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from registry import actions
from registry.models import Cover, Document
from registry.papers import store
from registry.papers.checking import Checked
from registry.rules.documents import DocumentType
from registry.rules.reviews import ReviewReason
from tests.factories import DocumentFactory

DAY = date(2026, 1, 29)
NOW = datetime(2026, 1, 29, 9, 30, tzinfo=UTC)
WHY = "instruction du 29 janvier"
GOOD = Checked(None, DocumentType.PDF, 1, text="rien de lisible ici")

Writer = Callable[[Cover, Any], Any]


def recorded(cover: Cover, by: Any, checked: Checked | None = GOOD, **values: Any) -> Document:
    with store.scratch() as source:
        source.write_bytes(b"%PDF-")
        given: dict[str, Any] = {"name": "a.pdf", "rewritten": source, "has_scanner": False} | values
        return actions.record_document(
            by=by, why=WHY, now=NOW, intermediary=cover.intermediary, source=source, checked=checked, **given
        )


def waiting_for_a_check(cover: Cover) -> Document:
    return recorded(cover, None, checked=None)


def checked(cover: Cover, by: Any) -> Any:
    document = waiting_for_a_check(cover)
    path = store.path_of(document.kept_sha256)
    return actions.record_check(now=NOW, document=document, checked=GOOD, rewritten=path, has_scanner=True)


def asked(cover: Cover, by: Any, **values: Any) -> Any:
    given = {"reason": ReviewReason.UNREADABLE} | values
    return actions.ask_correction(by=by, why=WHY, day=DAY, cover=cover, **given)


def answered(cover: Cover, by: Any) -> None:
    asked(cover, by)
    actions.answer_correction(by=by, why=WHY, day=DAY, cover=cover, policy="RC-2026/78")


PAPER_WRITERS: dict[str, tuple[str, Writer]] = {
    "record_document": ("Document", recorded),
    "record_check": ("Document", checked),
    "record_scan": (
        "Document",
        lambda cover, by: actions.record_scan(
            now=NOW, document=DocumentFactory(intermediary=cover.intermediary), signature=""
        ),
    ),
    "attach_document": (
        "CoverPaper",
        lambda cover, by: actions.attach_document(
            by=by, why=WHY, day=DAY, cover=cover, document=DocumentFactory(intermediary=cover.intermediary)
        ),
    ),
    "ask_correction": ("CorrectionRequest", asked),
    "answer_correction": ("Cover", answered),
    "assign_review": (
        "CoverReview",
        lambda cover, by: actions.assign_review(by=by, why=WHY, day=DAY, cover=cover, to=by),
    ),
    "accept_lot": (
        "Cover",
        lambda cover, by: actions.accept_lot(by=by, why=WHY, day=DAY, ids=[cover.pk]),
    ),
    "accept_covers": (
        "Cover",
        lambda cover, by: list(actions.accept_covers(by=by, why=WHY, day=DAY, ids=[cover.pk])),
    ),
}
BY_MACHINE = {"record_check", "record_scan"}
"""Nobody's acts: what a process or a scanner says."""
