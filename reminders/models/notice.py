"""THE LEDGER: each notice, what it discharges, and every attempt to send it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from registry.models import Intermediary
from registry.models.triggers import kept, stays_as_it_was
from registry.rules.categories import CoverKind
from reminders.models.batch import Batch, refuses_once_sealed
from reminders.models.moves import in_sql, is_refused, moves_as_it_may
from reminders.rules.eligibility import SkipReason
from reminders.rules.recalls import RecallClass
from reminders.rules.smtp_replies import Stage, Verdict
from reminders.rules.states import (
    MAILED_STATES,
    UNSENT_STATES,
    WAITING_STATES,
    NoticeState,
)

_FROZEN = [
    "batch_id",
    "intermediary_id",
    "rank",
    "key",
    "items",
    "not_after",
    "body_digest",
    "facts_version",
    "corrects_id",
    "recall_class",
]
_MAILED_SQL = in_sql(MAILED_STATES)
_UNSENT_SQL = in_sql(UNSENT_STATES)

_NOT_TRIED_SQL = in_sql(WAITING_STATES - {NoticeState.SENDING})
"""What waits under a number that was merged never leaves: the moment of sending finds it merged."""

RECONCILIATION = "JOURNAL"
"""Stands where a batch names the one wave it was planned for: such a batch was never planned, but brought back."""

RECALL_KEY_SQL = "left(encode(sha256(convert_to(E'recall\\n' || {}, 'UTF8')), 'hex'), 40)"
"""`rules.identity.recall_key` in SQL, of a column."""

# Two questions, since the second looks up one row for each new one, and the list of a reminder batch has no such rows.
_CORRECTS_ITS_OWN = f"""
    IF EXISTS (
        SELECT FROM reminders_batch b
        WHERE b.kind = 'RECALL' AND b.id IN (SELECT DISTINCT batch_id FROM new_rows WHERE corrects_id IS NULL)
    ) OR EXISTS (
        SELECT FROM new_rows n
        JOIN reminders_batch b ON b.id = n.batch_id
        JOIN reminders_notice c ON c.id = n.corrects_id
        WHERE c.intermediary_id <> n.intermediary_id OR c.state NOT IN ({_MAILED_SQL}) OR c.email <> n.email
           -- What the journal brings back is in a batch of its day: there the identity proves what it corrects.
           OR CASE b.only_wave WHEN '{RECONCILIATION}' THEN {RECALL_KEY_SQL.format("c.key")} <> n.key
                               ELSE c.batch_id IS DISTINCT FROM b.corrects_id END
    ) THEN
        RAISE EXCEPTION 'a recall corrects what its people got of its own batch, at the same address';
    END IF;
    RETURN NULL;
"""


# The unique row holds within a number; this, for a person who had two (I2). Asked only where numbers were merged: the
# planner, before it has statistics, takes few for nearly all, and a first plan of thousands took most of a minute.
_ONCE_PER_PERSON = f"""
    IF EXISTS (SELECT FROM registry_intermediary WHERE merged_into_id IS NOT NULL) AND EXISTS (
        SELECT FROM registry_intermediary m
        JOIN new_rows i ON i.intermediary_id = m.merged_into_id
        JOIN reminders_noticeitem h ON h.intermediary_id = m.id AND h.held
                                   AND h.kind = i.kind AND h.term = i.term AND h.wave = i.wave
        JOIN reminders_notice n ON n.id = h.notice_id AND n.state NOT IN ({_NOT_TRIED_SQL})
        JOIN reminders_notice own ON own.id = i.notice_id
        JOIN reminders_batch b ON b.id = own.batch_id
        -- What the journal brings back has left, whatever is thought of it now.
        WHERE m.merged_into_id IS NOT NULL AND b.only_wave IS DISTINCT FROM '{RECONCILIATION}'
    ) THEN
        RAISE EXCEPTION 'this wave was held under a number that has been merged into this one'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'noticeitem_once_per_person';
    END IF;
    RETURN NULL;
"""


class Notice(models.Model):
    """Relance or rectificatif: one mail to one intermediary, with the proof of what became of it.

    `rank` is its place in the frozen order; `not_after` its last useful instant; `lease_until` and `fence` tell
    which worker holds it (the database's clock). SENDING may have left, so no one claims it again (I4).
    A notice of a recall `corrects` one that its person got, once: unless it did not leave, no other may.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="notices", db_index=False)
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="notices", db_index=False)
    rank = models.IntegerField("rang")
    state = models.CharField("état", max_length=9, choices=NoticeState.choices())
    # Collation C: ordered as it is hashed, and without the twin index that Django adds for LIKE.
    key = models.CharField("identité", max_length=40, db_collation="C")
    email = models.CharField("adresse", max_length=254)
    items = models.JSONField("pièces")
    body_digest = models.CharField("empreinte du message", max_length=64, blank=True)
    facts_version = models.BigIntegerField("version des faits")
    not_before = models.DateTimeField("pas avant", null=True)
    not_after = models.DateTimeField("pas après")
    lease_until = models.DateTimeField("bail", null=True)
    fence = models.IntegerField("jeton", default=0)
    worker = models.CharField("exécutant", max_length=80, blank=True)
    attempts = models.SmallIntegerField("tentatives", default=0)
    reason = models.CharField("motif", max_length=20, choices=SkipReason.choices(), blank=True)
    evidence = models.JSONField("faits", null=True)
    settled_at = models.DateTimeField("réglé le", null=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, related_name="corrections", null=True, db_index=False, verbose_name="rectifie"
    )
    recall_class = models.CharField(
        "situation dite", max_length=9, choices=RecallClass.choices(), blank=True, default="", db_default=""
    )
    # The indexes ask for these and never for the state itself: a claim and an intent then leave every index alone. The
    # trigger of the transitions keeps them true.
    live = models.BooleanField("en cours", default=True, db_default=True, editable=False)
    unsent = models.BooleanField("jamais parti", default=False, db_default=False, editable=False)
    troubled = models.BooleanField("refusée ou incertaine", default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = "relance"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="notice_corrected_once",
                fields=["corrects"],
                condition=Q(corrects__isnull=False, unsent=False),
            ),
            models.UniqueConstraint(name="notice_rank_once", fields=["batch", "rank"]),
            models.UniqueConstraint(
                name="notice_one_live_per_intermediary",
                fields=["intermediary"],
                condition=Q(live=True),
            ),
        ]
        indexes: ClassVar = [
            # For the claim and the reaper: what is left of a batch, in its frozen order.
            models.Index(name="notice_live", fields=["batch", "rank"], condition=Q(live=True)),
            # Not db_index: that makes a second one for LIKE, which nobody asks of an identity.
            models.Index(name="notice_by_key", fields=["key"]),
            # For one person's mails, and the last of them among those of many years.
            models.Index(name="notice_of_a_person", fields=["intermediary", "settled_at"]),
            # For the worklists and what makes an address dead: the few of many years that went wrong.
            models.Index(name="notice_troubled", fields=["intermediary"], condition=Q(troubled=True)),
            # For the last days of many years. Rows lie in the order in which they were settled, nearly.
            BrinIndex(name="notice_settled", fields=["settled_at"], autosummarize=True),
        ]
        triggers: ClassVar = [
            moves_as_it_may("notice_transitions"),
            # Asked where these columns are written, and not at each step of a notice, as a constraint would be.
            is_refused("notice_has_an_address", ["email"], "NEW.email = ''"),
            is_refused(
                "notice_correction_says_what_it_tells",
                ["corrects_id", "recall_class"],
                "NEW.corrects_id IS NULL AND NEW.recall_class <> '' OR NEW.corrects_id IS NOT NULL"
                " AND NEW.recall_class = ''",
            ),
            stays_as_it_was("notice_is_frozen", _FROZEN),
            kept("notice_keeps_its_address", columns=["email"]),
            pgtrigger.Protect(name="notice_is_kept", operation=pgtrigger.Delete),
            refuses_once_sealed("notice_list_is_sealed", "new_rows.batch_id"),
            pgtrigger.Trigger(
                name="notice_corrects_its_own",
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func=_CORRECTS_ITS_OWN,
            ),
            pgtrigger.Trigger(
                name="notice_begins_as_planned",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'PLANNED' OR NOT NEW.live OR NEW.unsent OR NEW.troubled"),
                func="RAISE EXCEPTION 'a notice begins as planned, not as %', NEW.state;",
            ),
            # Nothing left, so its waves may be planned again: kept true by the database on every path.
            pgtrigger.Trigger(
                name="notice_unsent_frees_its_waves",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Condition("NEW.unsent AND NOT OLD.unsent"),
                func="""
                    UPDATE reminders_noticeitem SET held = false WHERE notice_id = NEW.id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.state}"


class NoticeItem(models.Model):
    """What a notice discharges: (intermediary, cover kind, term, wave), once while it is held (I2)."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="discharges")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("nature", max_length=19, choices=CoverKind.choices())
    term = models.DateField("terme")
    wave = models.CharField("vague", max_length=8)
    held = models.BooleanField("réservée ou envoyée", default=True)

    class Meta:
        verbose_name = "échéance relancée"
        verbose_name_plural = "échéances relancées"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="noticeitem_reminded_once",
                fields=["intermediary", "kind", "term", "wave"],
                condition=Q(held=True),
            ),
        ]
        indexes: ClassVar = [
            # For the waves of the terms at hand among those of many years.
            BrinIndex(name="noticeitem_term", fields=["term"], autosummarize=True),
        ]
        triggers: ClassVar = [
            stays_as_it_was("noticeitem_is_frozen", ["notice_id", "intermediary_id", "kind", "term", "wave"]),
            pgtrigger.Protect(name="noticeitem_is_kept", operation=pgtrigger.Delete),
            refuses_once_sealed(
                "noticeitem_list_is_sealed",
                "n.batch_id",
                "JOIN reminders_notice n ON n.id = new_rows.notice_id",
            ),
            pgtrigger.Trigger(
                name="noticeitem_sent_stays_held",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__held=True, new__held=False),
                func=f"""
                    IF NOT EXISTS (
                        SELECT FROM reminders_notice WHERE id = OLD.notice_id AND state IN ({_UNSENT_SQL})
                    ) AND NOT EXISTS (
                        -- A person's word, row by row, on one that may have left.
                        SELECT FROM reminders_settlement WHERE notice_id = OLD.notice_id AND decision = 'SEND_AGAIN'
                    ) THEN
                        RAISE EXCEPTION 'the waves of notice % stay held: it may have left', OLD.notice_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="noticeitem_is_its_notices",
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func="""
                    IF EXISTS (
                        SELECT FROM new_rows i JOIN reminders_notice n ON n.id = i.notice_id
                        WHERE n.intermediary_id <> i.intermediary_id
                    ) THEN
                        RAISE EXCEPTION 'a notice discharges waves of its own person only';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="noticeitem_once_per_person",
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func=_ONCE_PER_PERSON,
            ),
            pgtrigger.Trigger(
                name="noticeitem_begins_held",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__held=False),
                func="RAISE EXCEPTION 'notice % must hold the waves it discharges', NEW.notice_id;",
            ),
            pgtrigger.Trigger(
                name="noticeitem_freed_stays_free",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__held=False, new__held=True),
                func="RAISE EXCEPTION 'what notice % gave up is not taken back', OLD.notice_id;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.term}/{self.wave}"


class Attempt(models.Model):
    """One try at the mail server: written before SMTP, completed once by the answer, kept for ever."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="tries", db_index=False)
    number = models.SmallIntegerField("numéro")
    fence = models.IntegerField("jeton")
    worker = models.CharField("exécutant", max_length=80)
    started_at = models.DateTimeField("commencée le")
    finished_at = models.DateTimeField("finie le", null=True)
    verdict = models.CharField("issue", max_length=15, choices=Verdict.choices(), blank=True)
    stage = models.CharField("étape", max_length=8, choices=Stage.choices(), blank=True)
    code = models.SmallIntegerField("code", null=True)
    reply = models.CharField("réponse", max_length=500, blank=True)

    class Meta:
        verbose_name = "tentative"
        constraints: ClassVar = [
            models.UniqueConstraint(name="attempt_once", fields=["notice", "number"]),
        ]
        indexes: ClassVar = [
            # For what makes an address dead.
            models.Index(name="attempt_refused", fields=["notice"], condition=Q(verdict=Verdict.REFUSED_ADDRESS.value)),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="attempt_is_completed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__verdict=""),
                func="""
                    IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'attempt % is complete and stays as it is', OLD.id;
                """,
            ),
            pgtrigger.Protect(name="attempt_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}#{self.number} {self.verdict or 'en cours'}"
