"""The arrows of the delivery protocol: after each a worker is killed (test_crash_points.py).

An arrow without a line here, or a line without an arrow, fails there. `doubt`: between the commit of an intent and
that of its outcome, where the ledger cannot know what left; a kill there leaves one UNCERTAIN notice, any other none.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.races.seams import HALF


@dataclass(frozen=True)
class Arrow:
    """One effect of a delivery. `name`: what has just been done; `scene`: in which run it is met."""

    name: str
    effect: str
    scene: str = "plain"
    doubt: bool = False
    at_the_end: bool = False


DOUBT = True

ARROWS = (
    # The first delivery of all gives its machine the identity.
    Arrow("epoch file made", "memory.write_epoch_file open", "first"),
    Arrow("epoch file on disk", "memory.write_epoch_file fsync", "first"),
    Arrow("epoch file named", "memory.write_epoch_file replace", "first"),
    Arrow("name of the epoch file on disk", "memory.write_epoch_file fsync directory", "first"),
    Arrow("journal's owner locked", "memory.mark_new flock", "first"),
    Arrow("journal's owner made", "memory.mark_new open", "first"),
    Arrow("journal's owner on disk", "memory.mark_new fsync", "first"),
    Arrow("journal's owner named", "memory.mark_new replace", "first"),
    Arrow("name of the journal's owner on disk", "memory.mark_new fsync directory", "first"),
    # Each pass is counted by the database, then by the machine.
    Arrow("lock of the memories made", "memory.one_at_a_time open"),
    Arrow("memories locked", "memory.one_at_a_time flock"),
    Arrow("pass counted", "memory.remember statement"),
    Arrow("memory of the pass made", "memory.remember open"),
    Arrow("memory of the pass on disk", "memory.remember fsync"),
    Arrow("memory of the pass named", "memory.remember replace"),
    Arrow("name of the memory on disk", "memory.remember fsync directory"),
    # What the dead and the days have left.
    Arrow("dead leases reaped", "claim.reap statement"),
    Arrow("too late expired", "plan.expire statement"),
    Arrow("claimed", "claim.claim statement"),
    Arrow("journal opened", "journal.begin open"),
    Arrow("place in the journal taken", "journal.begin flock"),
    Arrow("journal's directory on disk", "journal.begin fsync directory"),
    Arrow("word that the journal has begun locked", "memory.mark_begun flock", "beginning"),
    Arrow("word that the journal has begun made", "memory.mark_begun open", "beginning"),
    Arrow("word that it has begun on disk", "memory.mark_begun fsync", "beginning"),
    Arrow("word that it has begun named", "memory.mark_begun replace", "beginning"),
    Arrow("name of that word on disk", "memory.mark_begun fsync directory", "beginning"),
    Arrow("opening torn", "journal.begin write" + HALF),
    Arrow("opening written", "journal.begin write"),
    Arrow("opening on disk", "journal.begin fsync"),
    Arrow("departure leased", "pace.next_departure statement", "paced"),
    # One message.
    Arrow("intent committed", "step.step intent", doubt=DOUBT),
    Arrow("next journal file made", "journal.intend open", "rotating", DOUBT),
    Arrow("next journal file locked", "journal.intend flock", "rotating", DOUBT),
    Arrow("name of the next journal file on disk", "journal.intend fsync directory", "rotating", DOUBT),
    Arrow("intent torn in the journal", "journal.intend write" + HALF, doubt=DOUBT),
    Arrow("intent in the journal", "journal.intend write", doubt=DOUBT),
    Arrow("intent in the journal on disk", "journal.intend fsync", doubt=DOUBT),
    Arrow("connected", "transport.send CONNECT connect", doubt=DOUBT),
    Arrow("greeted", "transport.send GREETING heard", doubt=DOUBT),
    Arrow("hello said", "transport.send HELLO said", doubt=DOUBT),
    Arrow("hello answered", "transport.send HELLO heard", doubt=DOUBT),
    Arrow("sender said", "transport.send MAIL said", doubt=DOUBT),
    Arrow("sender answered", "transport.send MAIL heard", doubt=DOUBT),
    Arrow("recipient said", "transport.send RCPT said", "in turn", DOUBT),
    Arrow("recipient answered", "transport.send RCPT heard", doubt=DOUBT),
    Arrow("data said", "transport.send DATA said", "in turn", DOUBT),
    Arrow("data answered", "transport.send DATA heard", doubt=DOUBT),
    Arrow("half of the body said", "transport.send BODY body" + HALF, doubt=DOUBT),
    Arrow("body said", "transport.send BODY body", doubt=DOUBT),
    Arrow("final dot said", "transport.send DOT dot", doubt=DOUBT),
    Arrow("final dot answered", "transport.send DOT heard", doubt=DOUBT),
    Arrow("outcome and next intent committed", "step.step outcome and intent", doubt=DOUBT),
    # One that does not leave.
    Arrow("skipped", "outcome.settle_claimed statement", "skipped"),
    Arrow("domain's pace learned", "domain_pace.learn_pace statement", "greylisted", DOUBT),
    Arrow("connection reset said", "transport.send DATA reset", "greylisted", DOUBT),
    Arrow("connection given up", "transport.send GREETING hang up", "down", DOUBT),
    Arrow("alarm raised, not committed", "watch.raise_alarm statement", "down"),
    Arrow("batch paused by the alarm, not committed", "approval.pause statement", "down"),
    Arrow("alarm committed", "watch.raise_alarm commit", "down"),
    Arrow("claims given back", "claim.return_claims statement", "stopped"),
    Arrow("departure put back", "pace.put_back statement", "stopped"),
    # The end of a run.
    Arrow("last outcome committed", "step.step outcome"),
    Arrow("last outcome torn in the journal", "journal.flush write" + HALF),
    Arrow("last outcome in the journal", "journal.flush write"),
    Arrow("last outcome in the journal on disk", "journal.flush fsync"),
    Arrow("next journal file made for the last outcome", "journal.flush open", "rotating"),
    Arrow("that file locked", "journal.flush flock", "rotating"),
    Arrow("name of that file on disk", "journal.flush fsync directory", "rotating"),
    Arrow("goodbye said", "transport.close said"),
    Arrow("goodbye answered", "transport.close heard"),
    Arrow("hung up", "transport.close hang up"),
    Arrow("mark of the journal written, not committed", "identity.record_mark statement"),
    Arrow("mark of the journal committed", "identity.record_mark commit"),
    Arrow("cancelled settled", "claim.settle_cancelled statement"),
    Arrow("end of the step written, not committed", "approval.end_steps statement", at_the_end=True),
    Arrow("end of the step committed", "approval.end_steps commit", at_the_end=True),
)

HARMLESS = {
    "company._company": "reads",
    "identity.give_back_connection": "of the connection alone, when all is done",
    "identity.load_armed": "reads",
    "identity.sign": "ends with the connection",
    "identity.this_place": "reads",
    "journal.Journal._take_back": "cuts a torn line off again: as if the kill had come before it",
    "memory.note_refusal": "nothing is sent then",
    "step.why_not": "reads",
    "transport.SmtpSession._encrypt": "before anything is said of a message",
    "transport.SmtpSession._end_empty_message": "ends a message without a recipient",
}
"""Functions that write, as far as their text shows, and need no point; and why."""
