"""Why someone gets a reminder, or does not: each check with its facts, and what the ledger holds."""

from __future__ import annotations

from datetime import date
from typing import Any

from registry.clock import PARIS, local_day
from registry.facts import load_file, load_reference
from registry.models import Intermediary
from registry.past import load_files_at, load_reference_at
from registry.rules.file_state import assess_file
from reminders.errors import ReminderError
from reminders.ledger import load_ledger, load_policy
from reminders.models import LeftOut, Notice
from reminders.rules.bounces import BounceKind
from reminders.rules.eligibility import Check, Decision, LedgerFacts, SkipReason, decide_reminder
from reminders.rules.states import NoticeState

LATEST = 20


def explain(orias_number: str, *, day: date, gap_days: int) -> dict[str, Any]:
    """The file's state, every check of a reminder on `day`, and the notices: plain data, the same for every reader.

    Raises ReminderError where the register does not hold the number.
    """
    pk = Intermediary.objects.filter(orias_number=orias_number).values_list("id", flat=True).first()
    facts = load_file(orias_number)
    if pk is None or facts is None:
        raise ReminderError(
            f"Le numéro ORIAS {orias_number} n’est pas au registre\u00a0: vérifiez ses huit chiffres, zéros compris."
        )
    ledger = load_ledger([pk]).get(pk, LedgerFacts())
    decision = decide_reminder(facts, ledger, load_reference(), load_policy(gap_days=gap_days), day)
    return {
        "orias_number": facts.orias_number,
        "name": facts.name,
        "as_of": day.isoformat(),
        "state": decision.state.status,
        "would_be_reminded": decision.is_due,
        "reason": decision.reason,
        "reason_label": decision.reason.label if decision.reason else None,
        "missing": [_missing(decision, i) for i in range(len(decision.state.missing))],
        "checks": [_check(c) for c in decision.checks],
        "notices": [_notice(n) for n in _notices(pk)],
        "left_out": [_left_out(row) for row in _left_out_of(pk)],
        "facts_version": facts.facts_version,
        "merged_into": facts.merged_into or None,
        "former_numbers": [*Intermediary.objects.filter(merged_into=pk).values_list("orias_number", flat=True)],
    }


def _missing(decision: Decision, index: int) -> dict[str, Any]:
    finding = decision.state.missing[index].finding
    return {
        "category": finding.category,
        "kind": finding.kind,
        "state": finding.state,
        "due_on": plain(finding.due_on),
        "covered_until": plain(finding.covered_until),
        "legal_text": finding.legal_text,
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "check": check.name,
        "passed": check.passed,
        "reason": check.reason,
        "reason_label": check.reason.label if check.reason else None,
        "facts": plain(dict(check.facts)),
    }


def _notices(pk: int) -> list[Notice]:
    mine = Notice.objects.filter(intermediary=pk).select_related("batch__approved_by", "settlement").order_by("-id")
    return list(mine.prefetch_related("tries", "bounces")[:LATEST])


def _notice(notice: Notice) -> dict[str, Any]:
    approver = notice.batch.approved_by
    return {
        "notice": notice.pk,
        "batch": notice.batch_id,
        "kind": notice.batch.kind,
        "corrects": notice.corrects_id,
        "recall_class": notice.recall_class or None,
        "key": notice.key,
        "state": notice.state,
        "state_label": NoticeState(notice.state).label,
        "email": notice.email,
        "settled_at": plain(notice.settled_at),
        "reason": notice.reason or None,
        "reason_label": SkipReason(notice.reason).label if notice.reason else None,
        "expired": _expired(notice),
        "items": notice.items,
        "approved_by": approver.get_username() if approver else None,
        "facts_version": notice.facts_version,
        "known_then": _known_then(notice),
        "rules": notice.batch.rules_digest[:12],
        "settlement": _settlement(notice),
        "bounces": [
            {"at": plain(b.reported_at), "kind": b.kind, "kind_label": BounceKind(b.kind).label, "status": b.status}
            for b in sorted(notice.bounces.all(), key=lambda b: b.pk)
        ],
        "attempts": [
            {"number": t.number, "started_at": plain(t.started_at), "verdict": t.verdict, "reply": t.reply}
            for t in notice.tries.all()
        ],
    }


def _expired(notice: Notice) -> dict[str, Any] | None:
    """Why a notice was given up: the last instant at which it was of use, and the last reply (None: never tried)."""
    if notice.state != NoticeState.EXPIRED:
        return None
    last = max(notice.tries.all(), key=lambda attempt: attempt.number, default=None)
    reply = f"{last.code or ''} {last.reply}".strip() if last else None
    return {"not_after": notice.not_after.astimezone(PARIS).isoformat(), "last_reply": reply}


def _known_then(notice: Notice) -> dict[str, Any] | None:
    """What the register held when the notice was last decided, judged for that day; None where none was, or before
    the history begins."""
    tries = [t.started_at for t in notice.tries.all()]
    at = max(tries, default=None) or notice.settled_at
    facts = load_files_at([notice.intermediary_id], at).get(notice.intermediary_id) if at else None
    if at is None or facts is None:
        return None
    state = assess_file(facts, load_reference_at(at), local_day(at))
    missing = [{"category": m.finding.category, "kind": m.finding.kind} for m in state.missing]
    return {"at": at.isoformat(), "state": state.status, "state_label": state.status.label, "missing": missing}


def _settlement(notice: Notice) -> dict[str, Any] | None:
    settlement = getattr(notice, "settlement", None)
    if settlement is None:
        return None
    return {"decision": settlement.decision, "evidence": settlement.evidence, "at": plain(settlement.at)}


def _left_out_of(pk: int) -> list[LeftOut]:
    return list(LeftOut.objects.filter(intermediary=pk).select_related("batch").order_by("-batch")[:LATEST])


def _left_out(row: LeftOut) -> dict[str, Any]:
    return {
        "batch": row.batch_id,
        "as_of": row.batch.as_of.isoformat(),
        "reason": row.reason,
        "evidence": row.evidence,
    }


def plain(value: Any) -> Any:
    """Dates as ISO text, also inside lists and dictionaries."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
