"""Plan: one draft batch for a day, frozen, judged by the brakes. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from registry.clock import local_day
from registry.facts import load_reference
from registry.findings import stale_files
from registry.locks import import_in_progress
from registry.models import Intermediary
from registry.rules.problems import shown
from reminders.config import EngineSettings
from reminders.errors import WrongRequest
from reminders.ledger import load_policy
from reminders.messages.letterhead import frozen_letterhead
from reminders.models import Batch, BatchKind, Notice, StopSwitch, Wave
from reminders.models.notice import RECONCILIATION
from reminders.planning.assess import Circumstances
from reminders.planning.audience import Tally, draw_audience, tally
from reminders.planning.freeze import Frozen, freeze
from reminders.planning.locks import lock_planning
from reminders.planning.outside import open_incidents
from reminders.planning.standing_reports import reported_lately
from reminders.rules.brakes import DraftFacts, judge
from reminders.rules.send_window import may_leave_on
from reminders.rules.states import CLAIMABLE_STATES, BatchState, NoticeState
from reminders.rules.steps import ceilings

LATELY = timedelta(days=7)
YEAR = timedelta(days=365)
AROUND = timedelta(days=7)

_UNRELEASED = (BatchState.DRAFT.value, BatchState.APPROVED.value)
APPROVAL_LIFE = timedelta(hours=24)
"""How long an approval may wait for its release."""

_EXPIRE = """
UPDATE reminders_notice n
SET state = 'EXPIRED', settled_at = %(now)s, evidence = jsonb_build_object('not_after', n.not_after)
FROM reminders_batch b
WHERE b.id = n.batch_id AND b.state IN ('RELEASING', 'PAUSED')
  AND n.live AND n.state IN ('PLANNED', 'DEFERRED') AND n.not_after < %(now)s
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome: the batch (None where nobody is due), who was counted, and whether it is new."""

    batch: Batch | None
    tally: Tally | None
    created: bool


def plan_reminders(
    *,
    day: date,
    now: datetime,
    engine: EngineSettings,
    by: AbstractBaseUser | None,
    only_wave: str | None = None,
) -> Plan:
    """Plan the reminders of `day` (all waves, or one): one transaction; planning twice makes one batch.

    `by` None means that the system is the author. Raises WrongRequest for an unknown wave or a day that is over.
    """
    _require_not_over(day, local_day(now))
    _require_wave(only_wave)
    why = f"préparation du lot du {day.isoformat()}"
    with transaction.atomic(), pghistory.context(user=by.pk if by else None, why=why):
        lock_planning()
        # A look at a day to come must not give up what is approved for today.
        mark_stale(day=min(day, local_day(now)), now=now)
        # After an outage the plan may come before the first worker: what is too late reserves nobody any more.
        expire(now=now)
        if existing := _live_plan(day, only_wave):
            return Plan(existing, None, created=False)
        _give_up_looks_ahead(day, now)
        policy = load_policy(gap_days=engine.gap_days, only_wave=only_wave)
        circumstances = Circumstances(day, load_reference(), policy, engine.letterhead)
        draw_audience(day, policy)
        counts = tally()
        if not counts.planned:
            return Plan(None, counts, created=False)
        batch = Batch.objects.create(
            as_of=day, only_wave=only_wave or "", author_id=by.pk if by else None, created_at=now
        )
        frozen = freeze(batch.pk, circumstances, counts.planned)
        _seal(batch, counts, frozen, engine)
        return Plan(batch, counts, created=True)


def mark_stale(*, day: date, now: datetime) -> int:
    """Give up batches of earlier days that nobody released: their waves are free to be planned again."""
    with transaction.atomic():
        old = Batch.objects.filter(state__in=_UNRELEASED, as_of__lt=day).select_for_update(of=("self",))
        return _make_stale(list(old.order_by("id").values_list("id", flat=True)), now)


def _make_stale(ids: list[int], now: datetime) -> int:
    cancel_notices(ids, now=now)
    return Batch.objects.filter(id__in=ids).update(state=BatchState.STALE.value, ended_at=now)


def expire(*, now: datetime) -> int:
    """Give up what is past its last useful instant: nothing is sent late. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"now": now})
        return int(cursor.rowcount)


def cancel_notices(batch_ids: list[int], *, now: datetime) -> int:
    """Cancel what has not begun to leave; one that is SENDING goes on to its own end."""
    unsent = [*(s.value for s in CLAIMABLE_STATES), NoticeState.CLAIMED.value]
    return Notice.objects.filter(batch__in=batch_ids, state__in=unsent).update(
        state=NoticeState.CANCELLED.value, settled_at=now
    )


def _give_up_looks_ahead(day: date, now: datetime) -> None:
    """A plan made for a day to come is a look ahead, which reserves nobody: the plan of any other day makes it stale,
    unless two people stand behind it and it may still be released."""
    made = Batch.objects.filter(kind=BatchKind.REMINDER.value, state__in=_UNRELEASED, as_of__gt=local_day(now))
    rows = made.exclude(as_of=day).select_for_update(of=("self",)).order_by("id")
    _make_stale([b.pk for b in rows if _is_look_ahead(b, now)], now)


def _is_look_ahead(batch: Batch, now: datetime) -> bool:
    approved = batch.approved_at is not None and now - batch.approved_at <= APPROVAL_LIFE
    return local_day(batch.created_at) < batch.as_of and not approved


def _require_not_over(day: date, today: date) -> None:
    if day < today:
        raise WrongRequest(
            f"Le {day:%d/%m/%Y} est passé\u00a0: une relance ne se prépare que pour aujourd’hui ou un jour à venir. "
            "Pour voir où en était un dossier ce jour-là\u00a0: explain NUMERO --as-of JOUR."
        )


def _require_wave(code: str | None) -> None:
    if code is None:
        return
    known = list(Wave.objects.filter(active=True).order_by("first_offset").values_list("code", flat=True))
    if code not in known:
        raise WrongRequest(
            f"Vague inconnue\u00a0: «\u00a0{shown(code)}\u00a0». Vagues actives\u00a0: {', '.join(known)}."
        )


def _live_plan(day: date, only_wave: str | None) -> Batch | None:
    plans = Batch.objects.filter(kind=BatchKind.REMINDER.value, as_of=day, only_wave=only_wave or "")
    return plans.filter(state__in=_UNRELEASED).first()


def _seal(batch: Batch, counts: Tally, frozen: Frozen, engine: EngineSettings) -> None:
    """Give the batch its hash: from here on the database lets nothing of its list change."""
    batch.planned = frozen.planned
    batch.waves = sorted(frozen.waves)
    batch.steps = list(ceilings(frozen.planned, engine.release_steps))
    batch.by_category = dict(sorted(frozen.by_category.items()))
    batch.by_item = dict(sorted(frozen.by_item.items()))
    batch.skipped = counts.skipped
    batch.conservation = {"registered": counts.registered, "by_category": counts.by_category}
    batch.rules_digest = engine.rules_digest
    batch.letterhead = frozen_letterhead(engine.letterhead)
    facts = _draft_facts(batch, counts, frozen, engine)
    batch.brakes = [{"code": b.code, "level": b.level, "message": b.message} for b in judge(facts)]
    batch.hash = frozen.hash
    batch.save()


def _draft_facts(batch: Batch, counts: Tally, frozen: Frozen, engine: EngineSettings) -> DraftFacts:
    lately, address, domain = _crowding(batch.as_of)
    previous = Batch.objects.filter(id__lt=batch.pk).exclude(hash="").order_by("-id").first()
    return DraftFacts(
        # Counted apart from the audience, so that a pass which drops files, or doubles them, is seen.
        registered=Intermediary.objects.count(),
        planned=frozen.planned,
        left_out=sum(counts.skipped.values()),
        same_wave_last_year=_same_waves_last_year(batch),
        disagreements=tuple(frozen.disagreements),
        complete_recipients=tuple(frozen.complete),
        mailed_lately=lately,
        stale_files=stale_files(),
        import_in_progress=import_in_progress(),
        sending_stopped=not StopSwitch.objects.filter(stopped=False).exists(),
        may_leave_that_day=may_leave_on(engine.window, batch.as_of, batch.created_at),
        most_shared_address=address,
        most_used_domain=domain,
        rules_changed=previous.rules_digest != batch.rules_digest if previous else None,
        open_incidents=(*open_incidents(), *reported_lately(batch.created_at)),
    )


def _crowding(day: date) -> tuple[int, int, int]:
    """Recipients mailed in the last week; most recipients behind one address, and behind one domain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM audience a WHERE a.rank IS NOT NULL AND EXISTS ("
            "   SELECT FROM reminders_notice n WHERE n.intermediary_id = a.id"
            "   AND n.state IN ('ACCEPTED', 'UNCERTAIN') AND NOT n.unsent AND n.settled_at >= %s)),"
            " (SELECT coalesce(max(n), 0) FROM (SELECT count(*) n FROM audience WHERE rank IS NOT NULL"
            "   GROUP BY lower(email)) shared),"
            " (SELECT coalesce(max(n), 0) FROM (SELECT count(*) n FROM audience WHERE rank IS NOT NULL"
            "   GROUP BY lower(split_part(email, '@', 2))) used)",
            [day - LATELY],
        )
        row: tuple[int, int, int] = cursor.fetchone()
        return row


def _same_waves_last_year(batch: Batch) -> int | None:
    around = (batch.as_of - YEAR - AROUND, batch.as_of - YEAR + AROUND)
    comparable = Batch.objects.filter(as_of__range=around, waves__overlap=batch.waves, state=BatchState.COMPLETED.value)
    # What the journal brought back is the part of a batch that was lost: no measure of its size.
    planned = comparable.exclude(only_wave=RECONCILIATION).order_by("-planned").values_list("planned", flat=True)
    return planned.first()
