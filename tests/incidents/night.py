"""The night of Monday 24 to Tuesday 25 February 2014, rebuilt: its register, its ledger, and its machine.

About 18,000 mails left that night to intermediaries whose files were complete: reminders sent once already in
January, replayed. Here January's stage is that of the 28th: D-45 for COA and IOB, whose day is 28 February, and D-7
for CIF, whose association files by 31 January. All papers for the next year came in and were accepted since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from registry.models import Intermediary
from registry.rules.facts import FileFacts, Reference
from reminders.models import Batch
from reminders.planning import approval as approving
from reminders.planning import assess as assessing
from reminders.planning import plan as planning
from reminders.planning.approval import approve_batch
from reminders.planning.audience import draw_audience
from reminders.planning.plan import Plan, plan_reminders
from reminders.rules.brakes import Brake, BrakeLevel, DraftFacts, judge
from reminders.rules.eligibility import Decision, LedgerFacts, Policy, decide_reminder
from reminders.rules.send_window import SendWindow, parse_window
from reminders.rules.smtp_replies import SmtpReply
from reminders.rules.steps import ceilings
from reminders.sending import readying
from reminders.sending.deliver import Delivery
from settings import env
from tests.factories import HASH
from tests.reminders.scenes import RecordingTransport, clock_at, due_file, engine, person, send

TERM = date(2014, 2, 28)
NIGHT = datetime(2014, 2, 25, 1, tzinfo=UTC)
"""02:00 in Paris."""
NIGHT_DAY = date(2014, 2, 25)
JANUARY = datetime(2014, 1, 28, 9, tzinfo=UTC)
JANUARY_DAY = date(2014, 1, 28)


@dataclass(frozen=True, slots=True)
class Register:
    """How many files of each category; every fourth COA and IOB holds client funds."""

    coa: int
    iob: int
    cif: int

    @property
    def files(self) -> int:
        """All of them."""
        return self.coa + self.iob + self.cif


ALL = Register(10_000, 3_500, 4_500)
"""As published in March 2014: about 10,000 COA, 3,000 to 4,000 IOB, the rest CIF."""
FEW = Register(200, 70, 90)
"""The same shares, a fiftieth of it, where a guard costs a transaction a file."""

_INTERMEDIARIES = """
INSERT INTO registry_intermediary (orias_number, siren, name, trade_name, legal_form, email, phone_e164, phone_key,
                                   address, postcode, town, language)
SELECT lpad((7000000 + g)::text, 8, '0'), '', 'Cabinet ' || g, '', 'SARL',
       'contact@cabinet-' || g || '.example', '', '', '', '', '', 'fr'
FROM generate_series(1, %(files)s) g
"""
_REGISTRATIONS = """
INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate,
                                   principal_bears_liability, registered_on)
SELECT id, category, CASE category WHEN 'CIF' THEN 'ASSOCIATION' ELSE 'SELF' END,
       category <> 'CIF' AND g %% 4 = 0, false, false, '2010-01-01'
FROM (SELECT id, g, CASE WHEN g <= %(coa)s THEN 'COA' WHEN g <= %(coa)s + %(iob)s THEN 'IOB' ELSE 'CIF' END AS category
      FROM (SELECT id, orias_number::integer - 7000000 AS g FROM registry_intermediary) numbered) file
"""
# To the cent the sums required on that day (arrêtés in force in February 2014).
_COVERS = """
INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on, amount_cents,
                            annual_cents, status, channel, deposited_on)
SELECT r.intermediary_id, s.kind, ARRAY[r.category], 'Assurances Imaginaires', 'P1', y.starts_on, y.ends_on,
       s.amount * 100, s.annual * 100, 'ACCEPTED', 'PORTAL', y.deposited_on
FROM registry_registration r
JOIN (VALUES ('COA', 'RC_PRO', 1500000, 2000000), ('IOB', 'RC_PRO', 500000, 800000), ('CIF', 'RC_PRO', 150000, 150000),
             ('COA', 'FINANCIAL_GUARANTEE', 115000, NULL), ('IOB', 'FINANCIAL_GUARANTEE', 115000, NULL))
     s (category, kind, amount, annual) ON s.category = r.category AND (s.kind = 'RC_PRO' OR r.holds_client_funds)
CROSS JOIN (VALUES (date '2013-03-01', date '2014-02-28', date '2013-01-20'),
                   (date '2014-03-01', date '2015-02-28', date '2014-02-10')) y (starts_on, ends_on, deposited_on)
"""
# Everyone in an order of their own, with the stage of January in the words of the ledger.
_STAGE = """
WITH stage AS (
    SELECT i.id, i.orias_number, i.email, i.facts_version, r.category,
           row_number() OVER (ORDER BY md5(i.orias_number)) AS rank,
           CASE r.category WHEN 'CIF' THEN 'D-7' ELSE 'D-45' END AS wave,
           CASE r.category WHEN 'CIF' THEN '2014-01-31' ELSE '2014-02-28' END AS due_on,
           CASE WHEN r.holds_client_funds THEN ARRAY['FINANCIAL_GUARANTEE', 'RC_PRO'] ELSE ARRAY['RC_PRO'] END AS kinds
    FROM registry_intermediary i JOIN registry_registration r ON r.intermediary_id = i.id
),
said AS (
    SELECT s.*,
           (SELECT array_agg(kind || '/2014-02-28/' || wave ORDER BY kind) FROM unnest(kinds) kind) AS keys,
           (SELECT jsonb_agg(jsonb_build_object(
                'kind', kind, 'categories', ARRAY[category], 'state', 'DUE', 'wave', wave,
                'term', '2014-02-28', 'due_on', due_on, 'discharged', true
            ) ORDER BY kind) FROM unnest(kinds) kind) AS items
    FROM stage s
)
"""
_NOTICES = f"""{_STAGE}
INSERT INTO reminders_notice (batch_id, intermediary_id, rank, state, key, email, items, body_digest, facts_version,
                              not_after, fence, worker, attempts, reason, settled_at, live)
SELECT %(batch)s, id, rank, %(state)s,
       left(encode(sha256(convert_to(orias_number || E'\\n' || array_to_string(keys, E'\\n'), 'UTF8')), 'hex'), 40),
       email, items, '', facts_version, '2014-03-15', 0, '', 0, '', %(settled_at)s, %(state)s = 'PLANNED'
FROM said WHERE rank BETWEEN %(first)s AND %(last)s
"""
_ITEMS = f"""{_STAGE}
INSERT INTO reminders_noticeitem (notice_id, intermediary_id, kind, term, wave, held)
SELECT n.id, s.id, kind, '2014-02-28', s.wave, true
FROM said s JOIN reminders_notice n ON n.batch_id = %(batch)s AND n.rank = s.rank CROSS JOIN unnest(s.kinds) kind
"""
_BLIND = f"""{_STAGE}
UPDATE audience a
SET reason = NULL, evidence = '{{}}', keys = s.keys, rank = s.rank, last_useful_on = '2014-03-14'
FROM said s WHERE s.id = a.id
"""
_POUR_IN = f"""{_STAGE},
old AS (
    SELECT s.id, s.keys, row_number() OVER (ORDER BY s.rank) + (SELECT count(rank) FROM audience) AS rank
    FROM said s JOIN audience u ON u.id = s.id AND u.reason IS NOT NULL
)
UPDATE audience a SET keys = old.keys, rank = old.rank, last_useful_on = '2014-03-14'
FROM old WHERE old.id = a.id
"""


# --- the register and its past -----------------------------------------------------------------------------


def fill_register(size: Register) -> None:
    """So many complete files: last year's papers and next year's, all accepted before the night.

    Without the triggers that keep the history and count versions: nobody asks here how the files came to be.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _without_triggers()
        for statement in (_INTERMEDIARIES, _REGISTRATIONS, _COVERS):
            cursor.execute(statement, {"files": size.files, "coa": size.coa, "iob": size.iob})
        cursor.execute("ANALYZE registry_intermediary, registry_registration, registry_cover")


def remind_in_january(size: Register) -> Batch:
    """The batch of 28 January: everyone's notice ACCEPTED, its waves held, the list sealed.

    The triggers are off for this one transaction: the past is written down as it came out, since to live it again
    would be three transitions of 18,000 rows. Unique rows and checks, which are no triggers, judge it all the same.
    """
    with transaction.atomic():
        _without_triggers()
        batch = _batch(size.files, as_of=JANUARY_DAY, at=JANUARY, state="COMPLETED")
        write_notices(batch, state="ACCEPTED", settled_at=JANUARY)
        _write_items(batch)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reminders_notice, reminders_noticeitem")
    return batch


def comparable_batch_of_2013(planned: int) -> Batch:
    """Last year's batch of the same waves, so large; its list is of no interest."""
    with transaction.atomic():
        _without_triggers()
        day = NIGHT - timedelta(days=365)
        return _batch(planned, as_of=day.date(), at=day, state="COMPLETED")


def file_that_lacks_a_paper() -> Intermediary:
    """Someone whose RC Pro ends with the campaign of 2014, and who has filed nothing since."""
    due = due_file("09000001")
    due.covers.update(starts_on=date(2013, 3, 1), ends_on=TERM, deposited_on=date(2013, 1, 20))
    due.registrations.update(registered_on=date(2010, 1, 1))
    return due


# --- the machine of 2014 -----------------------------------------------------------------------------------


def forced_batch(size: Register, *, planned: int = 0, state: str = "RELEASING", steps: Iterable[int] = ()) -> Batch:
    """The stage of January listed again for the night, by a machine that asked nothing and was asked nothing.

    Of the first `planned` files (default: all), brought to `state` (DRAFT, APPROVED, RELEASING) with every trigger off.
    """
    with transaction.atomic():
        _without_triggers()
        listed = planned or size.files
        batch = _batch(listed, as_of=NIGHT_DAY, at=NIGHT, state=state, steps=steps)
        write_notices(batch)
        _write_items(batch)
    return batch


def write_notices(
    batch: Batch, first: int = 1, last: int = 0, *, state: str = "PLANNED", settled_at: datetime | None = None
) -> None:
    """The notices of January's stage from rank `first` to `last` (default: as many as the batch has planned)."""
    places = {"batch": batch.pk, "first": first, "last": last or batch.planned}
    with connection.cursor() as cursor:
        cursor.execute(_NOTICES, places | {"state": state, "settled_at": settled_at})


def _write_items(batch: Batch) -> None:
    """What those notices discharge."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, {"batch": batch.pk})


def write_without_triggers(batch: Batch, **values: Any) -> None:
    """Update a batch by plain SQL, as somebody could who may do anything to the database but drop its constraints."""
    with transaction.atomic():
        _without_triggers()
        Batch.objects.filter(pk=batch.pk).update(**values)


def _without_triggers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")


def _batch(planned: int, *, as_of: date, at: datetime, state: str, steps: Iterable[int] = ()) -> Batch:
    reached = list(ceilings(planned, steps))
    approved = {} if state == "DRAFT" else {"approved_by": person("approver"), "approved_at": at}
    left = {"released_by": person("planner"), "released_at": at, "ceiling": reached[0]}
    return Batch.objects.create(
        state=state,
        as_of=as_of,
        waves=["D-45", "D-7"],
        author=person("planner"),
        created_at=at,
        hash=HASH,
        planned=planned,
        steps=reached,
        **approved,
        **(left if state in ("RELEASING", "COMPLETED") else {}),
    )


# --- its guards, switched off ------------------------------------------------------------------------------


def no_eligibility(patch: pytest.MonkeyPatch) -> None:
    """Everyone looks as on 28 January: papers filed since are not seen, nor is the ledger, nor the frozen text."""
    patch.setattr(assessing, "decide_reminder", _decide_as_in_january)
    patch.setattr(readying, "withdrawal", lambda claimed, one: None)


def _decide_as_in_january(
    facts: FileFacts, ledger: LedgerFacts, reference: Reference, policy: Policy, day: date
) -> Decision:
    old = tuple(c for c in facts.covers if c.ends_on <= TERM)
    return decide_reminder(replace(facts, covers=old), LedgerFacts(), reference, policy, JANUARY_DAY)


def no_list_check(patch: pytest.MonkeyPatch) -> None:
    """The hash of the list is taken as it stands, and not computed anew from the rows."""
    patch.setattr(approving, "_require_untouched_list", lambda batch: None)


def no_audience(patch: pytest.MonkeyPatch) -> None:
    """The set-based pass takes everyone, for the stage of January, whatever it had found."""
    patch.setattr(planning, "draw_audience", partial(_draw_and, _BLIND))


def audience_with_the_old_list_poured_in(patch: pytest.MonkeyPatch) -> None:
    """The set-based pass counts everyone rightly, and then the list of January is put behind those due today."""
    patch.setattr(planning, "draw_audience", partial(_draw_and, _POUR_IN))


def _draw_and(statement: str, day: date, policy: Policy) -> None:
    draw_audience(day, policy)
    with connection.cursor() as cursor:
        cursor.execute(statement)


def only_brakes(patch: pytest.MonkeyPatch, *codes: str) -> None:
    """All brakes but these say green."""

    def judged(facts: DraftFacts) -> tuple[Brake, ...]:
        return tuple(b if b.code in codes else replace(b, level=BrakeLevel.GREEN) for b in judge(facts))

    patch.setattr(planning, "judge", judged)


# --- the night ---------------------------------------------------------------------------------------------


def plan_at_night(now: datetime = NIGHT, day: date = NIGHT_DAY, only_wave: str | None = None) -> Plan:
    """The real planner, by the real path."""
    return plan_reminders(day=day, now=now, engine=engine(), by=person("planner"), only_wave=only_wave)


def deliver_at_night(transport: RecordingTransport, now: datetime = NIGHT, **changes: Any) -> Delivery:
    """The real deliver(), as one worker, at an instant of that night; `changes` go to the engine's settings."""
    return send(transport, clock=clock_at(now), **changes)


def mails_of_the_night(now: datetime = NIGHT, **changes: Any) -> int:
    """How many messages one worker hands to the mail server."""
    transport = RecordingTransport()
    deliver_at_night(transport, now, **changes)
    return len(transport.sent)


def approve(batch: Batch) -> Batch:
    """By a second person, who reads nothing."""
    return approve_batch(batch_id=batch.pk, by=person("approver"), list_hash=batch.hash, count=batch.planned, now=NIGHT)


def usual_hours() -> SendWindow:
    """Those an installation starts with."""
    return parse_window(env.SEND_WINDOW.default)


class WatchedTransport(RecordingTransport):
    """Counts the messages whose end comes after the switch was thrown."""

    def __init__(self, *, thrown: Event, **values: Any) -> None:
        super().__init__(**values)
        self.thrown, self.ended_after = thrown, 0

    def send(
        self, sender: str, recipient: str, message: bytes, deadline: float | None = None, envelope_id: str = ""
    ) -> SmtpReply:
        """Take a thousandth of a second, so that workers really work side by side."""
        Event().wait(0.001)
        reply = super().send(sender, recipient, message, deadline)
        self.ended_after += self.thrown.is_set()
        return reply
