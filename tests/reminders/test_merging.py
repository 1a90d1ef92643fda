"""I2 across a merge: a person who had two numbers is told of a wave once, whatever was under way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from registry.actions import merge_intermediaries, undo_merge
from registry.facts import load_files, load_reference
from registry.findings import verify_findings
from registry.merges import preview_merge
from registry.models import Cover, Intermediary, IntermediaryMerge
from registry.past import kept
from reminders.ledger import load_ledger, load_policy
from reminders.models import Notice, NoticeItem
from reminders.planning.audience import draw_audience
from reminders.rules.eligibility import LedgerFacts, SkipReason, decide_reminder
from reminders.rules.states import NoticeState
from tests.factories import NOW, TERM, BatchFactory, IntermediaryFactory, NoticeFactory, UserFactory, reach
from tests.registry.commands import run
from tests.reminders.scenes import (
    ACCEPTED,
    DAY,
    LATER,
    RecordingTransport,
    due_file,
    planned_batch,
    released_batch,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)
KEEP, DROP = "08000061", "08000062"


def two_of_one() -> tuple[Intermediary, Intermediary]:
    """One person registered as a COA under one number and as an IOB under the other, both due."""
    return due_file(KEEP), due_file(DROP, categories=["IOB"])


def merge(keep: str = KEEP, drop: str = DROP) -> IntermediaryMerge:
    return merge_intermediaries(
        by=UserFactory(), approved_by=UserFactory(), why="essai", now=NOW, day=DAY, keep=keep, drop=drop,
        preview_hash=preview_merge(keep, drop).hash,
    )  # fmt: skip


def reasons() -> dict[str, tuple[str, str]]:
    rows = Notice.objects.values_list("intermediary__orias_number", "state", "reason")
    return {number: (state, reason) for number, state, reason in rows}


def by_both(*people: Intermediary) -> list[SkipReason | None]:
    """What the set-based pass and the pure rules say of each; they agree."""
    ids, policy = [p.pk for p in people], load_policy(gap_days=0)
    files, ledger, reference = load_files(ids), load_ledger(ids), load_reference()
    told = [decide_reminder(files[pk], ledger.get(pk, LedgerFacts()), reference, policy, DAY).reason for pk in ids]
    with transaction.atomic(), connection.cursor() as cursor:
        draw_audience(DAY, policy, None)
        cursor.execute("SELECT id, reason FROM audience WHERE id = ANY (%s)", [ids])
        drawn = dict(cursor.fetchall())
    assert [drawn[pk] for pk in ids] == told
    return told


def test_i2_a_notice_under_way_to_the_number_given_up_is_withdrawn_with_its_reason() -> None:
    """Fails without MERGED in `registrations_in_force`, or where the merge changed no version: it would be sent."""
    keep, drop = two_of_one()
    batch = released_batch()
    merge()
    transport = RecordingTransport()
    send(transport, batch=batch)
    assert reasons()[DROP] == ("SKIPPED", "MERGED")
    assert drop.email not in transport.recipients
    # Its own says what it now lacks in other words: it is withdrawn too, and planned anew.
    assert reasons()[KEEP] == ("SKIPPED", "FACTS_CHANGED")


def test_i2_what_was_sent_under_either_number_is_not_said_again() -> None:
    """Fails without what `load_ledger` takes over from merged numbers."""
    keep, drop = two_of_one()
    batch = released_batch()
    first = Notice.objects.order_by("rank")[0]
    if first.intermediary_id == keep.pk:
        # The one that is given up goes first.
        keep, drop = drop, keep
    send(RecordingTransport(replies=[ACCEPTED], always=LATER), batch=batch)
    assert reasons()[drop.orias_number][0] == "ACCEPTED"
    merge(keep.orias_number, drop.orias_number)
    again = RecordingTransport()
    Notice.objects.filter(state="DEFERRED").update(not_before=None)
    send(again, batch=batch)
    assert again.sent == []
    assert reasons()[keep.orias_number] == ("SKIPPED", "ALREADY_REMINDED")
    assert by_both(keep, drop) == ["ALREADY_REMINDED", "MERGED"]


def test_i2_what_still_waits_under_the_number_given_up_holds_nothing_back() -> None:
    """Fails where a planned notice that never leaves counted as said: nobody would be reminded."""
    keep, drop = two_of_one()
    Cover.objects.filter(intermediary=keep).delete()
    planned_batch()
    Notice.objects.filter(intermediary=keep).update(state="CANCELLED")
    merge()
    assert by_both(keep, drop) == [None, "MERGED"]


def test_i2_the_database_holds_a_wave_once_for_a_person() -> None:
    """Fails without `noticeitem_once_per_person`: the unique row knows of one number."""
    keep, drop = IntermediaryFactory(orias_number=KEEP), IntermediaryFactory(orias_number=DROP)
    sent = NoticeFactory(intermediary=drop)
    for state, more in (("CLAIMED", {"lease_until": NOW}), ("SENDING", {}), ("ACCEPTED", {"settled_at": NOW})):
        Notice.objects.filter(pk=sent.pk).update(state=state, **more)
    merge()
    with pytest.raises(IntegrityError, match="merged into this one"), transaction.atomic():
        NoticeFactory(intermediary=keep)
    other = Notice.objects.create(
        batch=BatchFactory(), intermediary=keep, rank=1, state="PLANNED", key="b" * 40, email="a@b.fr", items=[],
        facts_version=1, not_after=NOW,
    )  # fmt: skip
    NoticeItem.objects.create(notice=other, intermediary=keep, kind="RC_PRO", term=TERM, wave="D-15")


def test_the_ledger_stays_as_it_was_sent() -> None:
    keep, drop = two_of_one()
    batch = released_batch()
    send(RecordingTransport(), batch=batch)
    before = list(Notice.objects.order_by("pk").values())
    merged = merge()
    undo_merge(by=UserFactory(), why="essai", now=NOW, day=DAY, merge_id=merged.pk)
    assert list(Notice.objects.order_by("pk").values()) == before


def test_what_is_stored_is_what_the_rules_say_after_a_merge() -> None:
    two_of_one()
    merge()
    assert [v.differences for v in verify_findings(day=DAY)] == [[]]


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def signers() -> None:
    UserFactory(username="alice", is_superuser=True)
    UserFactory(username="bruno", is_superuser=True)
    UserFactory(username="hugo")


def test_the_preview_says_what_moves_and_what_is_under_way_and_writes_nothing(signers: None) -> None:
    two_of_one()
    planned_batch()
    told = run("merge_intermediaries", KEEP, DROP, "--json").json
    assert told["possible"]
    assert [len(told["moves"][name]) for name in ("registrations", "covers")] == [1, 1]
    assert [(n["orias_number"], n["withdrawn"]) for n in told["under_way"]] == [(KEEP, False), (DROP, True)]
    assert told["waves_of_both"] == [f"RC_PRO/{TERM}/D-30"]
    assert not IntermediaryMerge.objects.exists()
    words = run("merge_intermediaries", KEEP, DROP).out
    assert "sera écartée au moment de l’envoi" in words
    assert told["hash"] in words


def test_two_people_sign_at_the_command_line_and_explain_tells_of_it(
    signers: None, capsys: pytest.CaptureFixture[str]
) -> None:
    two_of_one()
    shown = run("merge_intermediaries", KEEP, DROP, "--json").json["hash"]
    apply = ("merge_intermediaries", KEEP, DROP, "--apply", "--hash", shown, "--reason", "deux fois")
    assert run(*apply, "--by", "alice").code == 2
    assert run(*apply, "--by", "alice", "--approved-by", "alice").code == 1
    assert run(*apply, "--by", "alice", "--approved-by", "hugo").code == 1
    assert run(*apply, "--by", "hugo", "--approved-by", "bruno").code == 1
    done = run(*apply, "--by", "alice", "--approved-by", "bruno")
    assert done.code == 0, done.err
    assert "undo_merge" in done.out
    old, new = (run("explain", number, "--as-of", str(DAY), "--json").json for number in (DROP, KEEP))
    assert (old["merged_into"], old["state"], old["reason"]) == (KEEP, "MERGED", "MERGED")
    assert new["former_numbers"] == [DROP]
    run("explain", DROP)
    assert f"fusionné avec {KEEP}" in capsys.readouterr().out


def test_what_stands_against_it_is_told(signers: None) -> None:
    due_file(KEEP)
    due_file(DROP)
    told = run("merge_intermediaries", KEEP, DROP)
    assert told.code == 1
    assert "Fusion impossible" in told.out
    assert "levez ce qui s’y oppose" in told.err
    for_scripts = run("merge_intermediaries", KEEP, DROP, "--json")
    assert (for_scripts.code, for_scripts.json["possible"]) == (1, False)
    assert run("merge_intermediaries", KEEP, "99999999").code == 1


def test_explain_tells_what_was_known_when_a_mail_left() -> None:
    """Fails where the facts of now were told: the paper came after the mail."""
    person = due_file(KEEP)
    for settled_at, expected in ((kept().now, "OVERDUE"), (NOW - timedelta(days=9999), None)):
        notice = reach(NoticeFactory(intermediary=person, discharges=None), NoticeState.ACCEPTED)
        Notice.objects.filter(pk=notice.pk).update(settled_at=settled_at)
        Cover.objects.filter(intermediary=person).update(ends_on=date(2099, 2, 28))
        told = run("explain", KEEP, "--json").json["notices"][0]["known_then"]
        assert (told and told["state"]) == expected
