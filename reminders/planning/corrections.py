"""One corrective notice decided and rendered from source rows: shared by a recall's plan, its preview and sending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Max
from django.db.models.functions import Coalesce

from registry.clock import local_day
from registry.facts import load_files
from registry.rules.facts import FileFacts
from reminders.messages.drafting import recall_content_of
from reminders.messages.message import body_digest, render
from reminders.models import Notice
from reminders.planning.assess import Assessed, Circumstances
from reminders.rules.eligibility import Decision
from reminders.rules.identity import recall_key
from reminders.rules.recalls import Corrected, decide_recall
from reminders.rules.states import NoticeState


def assess_recalls(notices: Iterable[int], circumstances: Circumstances) -> dict[int, Assessed]:
    """Decide and render, in bulk, the correction of each of these notices that were got; by intermediary."""
    corrected = load_corrected(notices)
    return correct_files(load_files(corrected), corrected, circumstances)


def correct_files(
    files: Mapping[int, FileFacts], corrected: Mapping[int, Corrected], circumstances: Circumstances
) -> dict[int, Assessed]:
    """Likewise of these files, just read."""
    return {pk: _assess_one(facts, corrected[pk], circumstances) for pk, facts in files.items()}


def load_corrected(notices: Iterable[int]) -> Mapping[int, Corrected]:
    """What went wrong, by intermediary: one query."""
    # The last try is when it left; an uncertain one may have been settled days later.
    left_at = Coalesce(Max("tries__started_at"), "settled_at", "batch__created_at")
    rows = Notice.objects.filter(id__in=list(notices)).annotate(left_at=left_at)
    return {
        pk: Corrected(key, email, local_day(at), state == NoticeState.UNCERTAIN)
        for pk, key, email, at, state in rows.values_list("intermediary", "key", "email", "left_at", "state")
    }


def _assess_one(facts: FileFacts, corrected: Corrected, circumstances: Circumstances) -> Assessed:
    told = decide_recall(facts, corrected, circumstances.reference, circumstances.day)
    key = recall_key(corrected.key)
    content = recall_content_of(facts, told, corrected, key)
    rendered = render(content, circumstances.letterhead)
    decision = Decision(None, (), told.state, told.items)
    return Assessed(facts, decision, key, content, rendered, body_digest(rendered), told.recall_class)
