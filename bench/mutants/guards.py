"""The guards: what each is, how it is taken away, and what must fail then.

A test by its id where it was seen to fail; else the files in one of which a test must (the command says which did).
"""

from __future__ import annotations

from bench.mutants.table import Guard

T1 = (
    "tests/reminders/test_step.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_truth.py "
    "tests/races/test_lost_database.py "
)
T2 = (
    "tests/reminders/test_step.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_truth.py "
    "tests/races/test_lost_database.py "
    "tests/races/test_workers.py "
)
T3 = (
    "tests/reminders/test_step.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_truth.py "
    "tests/races/test_lost_database.py "
    "tests/reminders/test_switch.py "
)
T4 = (
    "tests/reminders/test_step.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_truth.py "
    "tests/races/test_lost_database.py "
    "tests/reminders/test_identity.py "
)
T5 = (
    "tests/reminders/test_claim.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/races/test_workers.py "
)
T6 = (
    "tests/reminders/test_claim.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/races/test_workers.py "
    "tests/reminders/test_domain_pace.py "
)
T7 = (
    "tests/reminders/test_claim.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/races/test_workers.py "
    "tests/races/test_workers.py "
)
T8 = (
    "tests/reminders/test_claim.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/races/test_workers.py "
    "tests/races/test_kills.py "
)
T9 = (
    "tests/reminders/test_claim.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/races/test_workers.py "
    "tests/races/test_people.py "
)
T10 = (
    "tests/reminders/test_deliver_truth.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/reminders/test_deliver_standing.py "
    "tests/reminders/test_identity.py "
    "tests/races/test_lost_database.py "
)
T11 = "tests/races/test_kills.py "
T12 = (
    "tests/reminders/test_deliver_truth.py "
    "tests/reminders/test_deliver.py "
    "tests/reminders/test_deliver_brakes.py "
    "tests/reminders/test_deliver_standing.py "
    "tests/reminders/test_identity.py "
    "tests/races/test_lost_database.py "
    "tests/reminders/test_journal_file.py "
    "tests/reminders/test_reconcile.py "
)
T13 = (
    "tests/reminders/test_transport.py "
    "tests/reminders/test_transport_pipelining.py "
    "tests/reminders/test_transport_wire.py "
)
T14 = (
    "tests/reminders/test_journal_file.py "
    "tests/reminders/test_reconcile.py "
    "tests/races/test_crash_points.py::test_i4_every_effect_of_a_delivery_has_its_crash_point "
)
T15 = "tests/reminders/test_journal_file.py tests/reminders/test_reconcile.py "
T16 = (
    "tests/rules/test_sender.py "
    "tests/reminders/test_identity.py "
    "tests/reminders/test_reconcile.py "
    "tests/races/test_restore.py "
)
T17 = "tests/rules/test_sender.py tests/reminders/test_identity.py "
T_WRITER = "tests/reminders/test_memory.py::test_a_chain_is_its_writer_s_across_its_files"
T_ORPHAN = "tests/reminders/test_memory.py::test_i2_an_outcome_counts_though_the_line_of_its_intent_is_damaged"
T_CHAINS = "tests/reminders/test_memory.py::test_i13_i2_one_chain_of_several_is_missed_though_the_backup_never_knew_it"
T18 = "tests/reminders/test_approval.py tests/races/test_people.py tests/reminders/test_switch.py "
T19 = "tests/rules/test_eligibility.py tests/incidents/test_the_night_of_february_2014.py "
T20 = (
    "tests/reminders/test_database_refuses.py "
    "tests/reminders/test_database_keeps.py "
    "tests/reminders/test_database_once.py "
    "tests/reminders/test_recall_refused.py "
    "tests/reminders/test_settling.py "
    "tests/reminders/test_watch.py "
    "tests/reminders/test_reports.py "
    "tests/reminders/test_dead_addresses.py "
    "tests/reminders/test_aftermath_refuses.py "
    "tests/reminders/test_step.py "
    "tests/reminders/test_recall.py "
)


def _cut(name: str, file: str, old: str, new: str, test: str) -> Guard:
    return Guard(name, test, file, old, new)


# fmt: off
IN_THE_TEXT = (
    _cut("step: an attempt is told once", "reminders/sending/step.py", " AND number = %(done_number)s AND verdict = ''", " AND number = %(done_number)s", "tests/reminders/test_step.py::test_an_outcome_told_twice_is_recorded_once"),
    _cut("step: only who holds the fence settles", "reminders/sending/step.py", "WHERE n.id = %(done_id)s AND n.fence = %(done_fence)s AND n.state = 'SENDING'", "WHERE n.id = %(done_id)s AND n.state = 'SENDING' AND %(done_fence)s::integer > 0", "tests/reminders/test_step.py::test_i4_an_outcome_under_an_old_fence_is_kept_with_the_attempt_and_moves_nothing"),
    _cut("step: only what is SENDING is settled", "reminders/sending/step.py", "AND n.fence = %(done_fence)s AND n.state = 'SENDING'", "AND n.fence = %(done_fence)s", "tests/reminders/test_step.py::test_an_outcome_told_twice_is_recorded_once"),
    _cut("step: the file is locked", "reminders/sending/step.py", "true) <> '' FOR SHARE", "true) <> ''", "tests/reminders/test_deliver_truth.py::test_i1_an_intent_waits_for_an_acceptance_that_is_being_committed_and_then_gives_way"),
    _cut("step: the fence", "reminders/sending/step.py", "OR n.id = %(id)s AND n.fence = %(fence)s AND n.state = 'CLAIMED'", "OR n.id = %(id)s AND n.state = 'CLAIMED' AND %(fence)s::integer > 0", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[is_taken_over-LOST]"),
    _cut("step: only what is CLAIMED begins", "reminders/sending/step.py", "n.state = 'CLAIMED' AND n.not_after", "n.not_after", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[is_given_back-LOST]"),
    _cut("step: not after the last useful instant", "reminders/sending/step.py", " AND n.not_after >= %(now)s\n", " AND %(now)s::timestamptz IS NOT NULL\n", "tests/reminders/test_step.py::test_an_intent_past_the_last_useful_instant_does_not_begin"),
    _cut("step: the facts are those decided on (I1)", "reminders/sending/step.py", "      AND (SELECT facts_version FROM file) = %(facts_version)s\n", "      AND %(facts_version)s::bigint IS NOT NULL\n", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[facts_move-FACTS_MOVED]"),
    _cut("step: the batch is being released", "reminders/sending/step.py", "WHERE b.id = n.batch_id AND b.state = 'RELEASING' AND n.rank <= b.ceiling)", "WHERE b.id = n.batch_id AND n.rank <= b.ceiling)", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[is_paused-HELD]"),
    _cut("step: within the ceiling", "reminders/sending/step.py", "WHERE b.id = n.batch_id AND b.state = 'RELEASING' AND n.rank <= b.ceiling)", "WHERE b.id = n.batch_id AND b.state = 'RELEASING')", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[ceiling_falls-HELD]"),
    _cut("step: the switch (I7)", "reminders/sending/step.py", "EXISTS (SELECT FROM reminders_stopswitch WHERE NOT stopped) AND ", "", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[is_stopped-HELD]"),
    _cut("step: the pace row", "reminders/sending/step.py", " AND EXISTS (SELECT FROM reminders_pace)\n      AND", "\n      AND", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[pace_is_lost-HELD]"),
    _cut("step: the common facts", "reminders/sending/step.py", "AND EXISTS (SELECT FROM registry_referenceversion WHERE version = %(reference_version)s)", "AND %(reference_version)s::bigint IS NOT NULL", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[reference_moves-FACTS_MOVED]"),
    _cut("step: signed with the identity (I13)", "reminders/sending/step.py", "WHERE i.epoch || '/' || i.xmin = current_setting('register.sender', true))\n      --", "WHERE true)\n      --", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[is_armed_elsewhere-DISARMED]"),
    _cut("step: its waves are its own (I2)", "reminders/sending/step.py", "OR EXISTS (SELECT FROM reminders_noticeitem i WHERE i.notice_id = n.id AND i.held))", "OR true)", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[its_waves_are_given_up-UNHELD]"),
    _cut("why_not: another's", "reminders/sending/step.py", "if state != \"CLAIMED\" or not mine:", "if state != \"CLAIMED\":", "tests/reminders/test_step.py::test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent[is_taken_over-LOST]"),
    _cut("claim: released batches only", "reminders/sending/claim.py", "WHERE b.state = 'RELEASING' AND n.live", "WHERE n.live", "tests/reminders/test_claim.py::test_only_a_batch_that_is_being_released_is_claimed_from[PAUSED]"),
    _cut("claim: what waits only", "reminders/sending/claim.py", "n.live AND n.state IN ('PLANNED', 'DEFERRED') AND n.rank <= b.ceiling", "n.live AND n.rank <= b.ceiling", "tests/reminders/test_claim.py::test_a_claim_takes_the_frozen_order_from_its_beginning_and_no_more_than_asked"),
    _cut("claim: within the ceiling", "reminders/sending/claim.py", "('PLANNED', 'DEFERRED') AND n.rank <= b.ceiling\n", "('PLANNED', 'DEFERRED')\n", "tests/reminders/test_claim.py::test_what_lies_beyond_the_step_is_not_claimed"),
    _cut("claim: not before a retry's time", "reminders/sending/claim.py", "      AND (n.not_before IS NULL OR n.not_before <= %(now)s)\n", "", "tests/reminders/test_claim.py::test_a_deferred_notice_is_left_alone_until_its_time"),
    _cut("claim: a domain that asked for time", "reminders/sending/claim.py", "SELECT domain FROM reminders_domainpace WHERE not_before > %(now)s", "SELECT domain FROM reminders_domainpace WHERE false", "tests/reminders/test_domain_pace.py::test_others_go_on_while_one_domain_waits_and_then_it_has_its_turn"),
    _cut("claim: the batch asked for", "reminders/sending/claim.py", "      AND (%(batch)s::bigint IS NULL OR b.id = %(batch)s::bigint)\n", "", "tests/reminders/test_claim.py::test_only_the_batch_that_is_named_is_claimed_from"),
    _cut("claim: skips what others hold", "reminders/sending/claim.py", "OF n SKIP LOCKED", "OF n", "tests/reminders/test_claim.py::test_a_claim_passes_over_what_another_transaction_holds_and_does_not_wait"),
    _cut("claim: in the frozen order", "reminders/sending/claim.py", "    ORDER BY n.batch_id, n.rank\n    LIMIT", "    ORDER BY n.batch_id, n.rank DESC\n    LIMIT", "tests/reminders/test_claim.py::test_a_claim_takes_the_frozen_order_from_its_beginning_and_no_more_than_asked"),
    _cut("claim: a new fence", "reminders/sending/claim.py", "fence = n.fence + 1", "fence = n.fence", "tests/reminders/test_claim.py::test_a_claim_carries_what_the_plan_froze_and_a_fence_that_grows"),
    _cut("expire: only past the last instant", "reminders/planning/plan.py", "AND n.not_after < %(now)s", "AND %(now)s::timestamptz IS NOT NULL", "tests/reminders/test_claim.py::test_only_the_batch_that_is_named_is_claimed_from"),
    _cut("cancelled: only of cancelled batches", "reminders/sending/claim.py", "AND b.state = 'CANCELLED' AND n.live", "AND n.live", "tests/reminders/test_deliver.py::test_each_reply_leaves_its_own_state_in_the_ledger_and_its_own_words_in_the_attempt"),
    _cut("reap: SENDING is uncertain, never given back (I4)", "reminders/sending/claim.py", "CASE state WHEN 'CLAIMED' THEN 'PLANNED' ELSE 'UNCERTAIN' END", "'PLANNED'", "tests/reminders/test_claim.py::test_i4_the_reaper_gives_back_what_was_claimed_and_calls_uncertain_what_was_being_sent"),
    _cut("reap: only dead leases", "reminders/sending/claim.py", "IN ('CLAIMED', 'SENDING') AND lease_until < clock_timestamp()", "IN ('CLAIMED', 'SENDING')", "tests/reminders/test_claim.py::test_i4_the_reaper_gives_back_what_was_claimed_and_calls_uncertain_what_was_being_sent"),
    _cut("return: to a cancelled batch it is cancelled", "reminders/sending/claim.py", "SET state = CASE b.state WHEN 'CANCELLED' THEN 'CANCELLED' ELSE 'PLANNED' END, lease_until = NULL,", "SET state = 'PLANNED', lease_until = NULL,", "tests/reminders/test_claim.py::test_i4_what_a_worker_gives_back_to_a_cancelled_batch_is_cancelled_there_and_then"),
    _cut("return: only one's own", "reminders/sending/claim.py", "n.state = 'CLAIMED' AND n.worker = %(worker)s AND", "n.state = 'CLAIMED' AND", "tests/reminders/test_claim.py::test_a_worker_gives_back_only_what_is_its_own_and_not_yet_begun"),
    _cut("return: only what is CLAIMED", "reminders/sending/claim.py", "n.state = 'CLAIMED' AND n.worker", "n.worker", "tests/reminders/test_claim.py::test_a_worker_gives_back_only_what_is_its_own_and_not_yet_begun"),
    _cut("deliver: outside any transaction", "reminders/sending/deliver.py", "    if connection.in_atomic_block:\n        raise", "    if False:\n        raise", "tests/reminders/test_deliver.py::test_it_refuses_to_run_inside_a_transaction"),
    _cut("deliver: takes the identity", "reminders/sending/deliver.py", "    if trouble := take_identity(engine, now=started):", "    if trouble := None and take_identity(engine, now=started):", "tests/reminders/test_deliver_truth.py::test_i1_i3_what_happened_between_the_plan_and_the_sending_withdraws_the_mail_for_its_own_reason"),
    _cut("deliver: reaps", "reminders/sending/deliver.py", "found_uncertain = reap(now=started)", "found_uncertain = 0", "tests/races/test_kills.py::test_i4_i2_a_worker_killed_loses_nobody_and_writes_to_nobody_twice[claimed-0-left_behind0-0-4]"),
    _cut("deliver: expires", "reminders/sending/deliver.py", "+= expire(now=started)", "+= 0", "tests/reminders/test_deliver_brakes.py::test_what_waited_past_its_last_useful_instant_expires_unclaimed"),
    _cut("deliver: the window before a chunk", "reminders/sending/deliver.py", "        if not is_open(self.engine.window, now):\n            self.delivery.halt = Halt.WINDOW\n            return False", "        if False:\n            return False", "tests/reminders/test_deliver_brakes.py::test_i7_outside_the_window_nothing_is_even_claimed"),
    _cut("deliver: decided for its day (I1)", "reminders/sending/deliver.py", " or local_day(now) != circumstances.day", "", "tests/reminders/test_deliver_truth.py::test_i1_a_mail_is_decided_once_more_where_the_day_turns_within_a_chunk"),
    _cut("deliver: decided again after a long wait (I1)", "reminders/sending/deliver.py", "self.pacer.was_long_in_coming() or ", "", "tests/reminders/test_deliver_truth.py::test_i1_what_the_pace_has_kept_waiting_is_decided_once_more"),
    _cut("pace: a departure that was not used is the next", "reminders/sending/pace.py", "        self._unused = now\n", "", "tests/reminders/test_deliver_truth.py::test_i1_what_the_pace_has_kept_waiting_is_decided_once_more"),
    _cut("step: one that is only put off ends", "reminders/planning/approval.py", " and not _is_only_put_off(batch, now)", "", "tests/reminders/test_standstill.py::test_who_waits_behind_a_step_that_is_only_put_off_is_not_forgotten"),
    _cut("watch: nothing accepted is not good", "reminders/rules/watch.py", "not facts.step.accepted or ", "", "tests/rules/test_watch.py::test_a_step_of_which_nothing_was_accepted_is_not_good"),
    _cut("reports: every list that leaves is stopped", "reminders/planning/reports.py", "Q(pk=batch_id) | Q(GOES_ON, kind=BatchKind.REMINDER.value)", "Q(pk=batch_id)", "tests/reminders/test_wrong_reports.py::test_two_true_reports_stop_every_list_that_leaves_whichever_they_are_of"),
    _cut("reports: but no recall", "reminders/planning/reports.py", "Q(GOES_ON, kind=BatchKind.REMINDER.value)", "Q(GOES_ON)", "tests/reminders/test_wrong_reports.py::test_a_recall_is_not_stopped_by_words_against_other_lists"),
    _cut("release: on its day", "reminders/planning/approval.py", "        _require_its_day(batch, now)\n", "", "tests/reminders/test_approval.py::test_a_list_for_a_day_to_come_is_not_released_before"),
    _cut("deliver: the window before a message", "reminders/sending/deliver.py", "        now = self.pacer.reach(departure, now, self.clock)\n        if not is_open(self.engine.window, now):", "        now = self.pacer.reach(departure, now, self.clock)\n        if False:", "tests/reminders/test_deliver_brakes.py::test_i7_a_window_that_closes_in_the_middle_gives_the_rest_back"),
    _cut("deliver: a new connection is signed anew", "reminders/sending/deliver.py", "if not self.signed and (trouble", "if False and (trouble", T10),
    _cut("deliver: gives the rest back", "reminders/sending/deliver.py", "                return_claims(left, worker=self.worker, now=self.clock())\n", "", "tests/reminders/test_deliver.py::test_i4_an_outcome_is_not_lost_when_the_next_intent_fails"),
    _cut("deliver: withdraws a doubtful intent", "reminders/sending/deliver.py", "                self._withdraw_doubtful()\n", "", T10),
    _cut("deliver: waits for a lost database", "reminders/sending/deliver.py", "                if connection.is_usable() or time.monotonic() > until:", "                if True:", T10),
    _cut("deliver: what is skipped does not leave", "reminders/sending/deliver.py", "            if ready.reason:\n                self._settle(ready, NoticeState.SKIPPED)\n                return\n", "", T10),
    _cut("deliver: the journal before SMTP (I13)", "reminders/sending/deliver.py", "        if not self._journalled(ready, number, self.clock()):\n            return\n", "", T12),
    _cut("deliver: a fault of the server holds", "reminders/sending/deliver.py", "if self.pending.verdict is Verdict.SYSTEMIC:", "if False:", T10),
    _cut("deliver: so many uncertain running hold", "reminders/sending/deliver.py", "elif self._runs_uncertain(self.pending.verdict):", "elif False:", "tests/reminders/test_smtp_moods.py::test_i4_a_storm_of_messages_without_an_answer_ends_with_the_third"),
    _cut("deliver: the watch after each message", "reminders/sending/deliver.py", "                self.on_progress(self.delivery)\n", "", "tests/reminders/test_watch.py::test_who_sends_looks_round_between_two_messages_and_not_only_between_two_chunks"),
    _cut("deliver: ends with its parent", "reminders/management/senders.py", "if os.getppid() != parent:", "if False:", "tests/reminders/test_deliver_standing.py::test_i4_a_process_whose_parent_is_gone_ends_between_two_messages_and_gives_back_what_it_has"),
    _cut("company: put off as everybody is", "reminders/rules/smtp_replies.py", "return Verdict.SYSTEMIC if running >= PUTS_OFF_ALL else Verdict.DEFERRED", "return Verdict.DEFERRED", "tests/reminders/test_smtp_moods.py::test_connections_lost_in_every_message_hold_the_batch"),
    _cut("company: refused as everybody is", "reminders/rules/smtp_replies.py", "return Verdict.SYSTEMIC if others.refused + 1 >= REFUSES_ALL else Verdict.DEFERRED", "return Verdict.DEFERRED", "tests/reminders/test_smtp_moods.py::test_a_server_that_turns_in_the_middle_costs_one_recipient_and_no_more"),
    _cut("company: only since a person went on", "reminders/sending/company.py", "AND a.id > coalesce(", "AND a.id > 0 * coalesce(", "tests/reminders/test_smtp_moods.py::test_three_who_are_refused_for_themselves_do_not_hold_the_batch_for_ever"),
    _cut("watch: a list that is only put off stands still", "reminders/planning/watch.py", "count(DISTINCT puts_off) >= %(domains)s", "count(DISTINCT puts_off) > 1000 * %(domains)s", "tests/reminders/test_standstill.py::test_a_short_list_that_several_domains_put_off_again_and_again_stands_still"),
    _cut("watch: what a person overruled counts no more", "reminders/planning/watch.py", "AND b.id > %(bounce)s", "AND b.id > 0 * %(bounce)s", "tests/reminders/test_watch.py::test_reports_that_come_after_an_alarm_was_overruled_count_anew_and_those_before_no_more"),
    _cut("pace: a clock that was set back is not waited for", "reminders/sending/pace.py", "next_at > %(now)s + %(ahead)s", "next_at > %(now)s + 1000 * %(ahead)s", "tests/reminders/test_pace.py::test_nobody_waits_for_a_clock_that_was_set_back_to_catch_up"),
    _cut("deliver: what another holds is not settled", "reminders/sending/outcome.py", "id=claimed.id, fence=claimed.fence, state=NoticeState.CLAIMED.value", "id=claimed.id, state=NoticeState.CLAIMED.value", "tests/reminders/test_claim.py::test_who_lost_a_notice_to_another_worker_ends_it_no_more"),
    _cut("deliver: the budget", "reminders/sending/deliver.py", "if self.monotonic() + (departure - now).total_seconds() >= self.until:", "if False:", T10),
    _cut("deliver: an outcome does not wait for the pace", "reminders/sending/deliver.py", "        if departure - now > LONG:\n            self._flush()\n", "", T10),
    _cut("ready: a reason not to write", "reminders/sending/readying.py", "    if one.decision.reason is not None:\n        return one.decision.reason\n", "", T10),
    _cut("ready: the same waves", "reminders/sending/readying.py", "claimed.waves <= set(one.decision.discharged)\n        and claimed", "claimed", T10),
    _cut("ready: word for word", "reminders/sending/readying.py", "        and claimed.body_digest == one.digest\n", "", T10),
    _cut("ready: the same address", "reminders/sending/readying.py", "        and claimed.email == one.content.email\n", "", T10),
    _cut("ready: the letterhead it was approved with", "reminders/sending/readying.py", "    require_letterhead((claimed.batch_id for claimed in claims), circumstances.letterhead)\n", "", "tests/reminders/test_deliver_brakes.py::test_a_machine_with_another_letterhead_halts_and_withdraws_nobody[REPLY_TO]"),
    _cut("reports: a correction is no reminder", "reminders/planning/reports.py", "return notice.corrects or notice", "return notice", "tests/reminders/test_wrong_reports.py::test_a_word_against_a_correction_is_taken_for_what_it_corrects_and_never_stops_a_recall"),
    _cut("recall: not what is to be sent again", "reminders/planning/recall_list.py", " AND NOT w.unsent\n", "\n", "tests/reminders/test_recall.py::test_who_by_a_person_s_word_did_not_get_it_is_corrected_once_for_the_mail_that_was_planned_anew"),
    _cut("recall: no correction is corrected", "reminders/planning/recall_list.py", "  AND w.corrects_id IS NULL AND (w.evidence ->> 'corrects') IS DISTINCT FROM 'UNKNOWN'\n", "", "tests/reminders/test_reconcile.py::test_a_lost_correction_is_written_again_with_what_it_corrects_and_is_not_sent_again[True]"),
    _cut("reconcile: corrections are written last", "reminders/sending/bringing.py", "rounds ORDER BY corrects, day, nth", "rounds ORDER BY day, nth", "tests/reminders/test_reconcile.py::test_a_lost_correction_finds_what_it_corrects_though_a_clock_was_set_back_between_them"),
    _cut("reconcile: an attempt is known by its time", "reminders/sending/bringing.py", "ORDER BY t.number, t.at), n.fence", "ORDER BY t.number, t.at) * 0 + 1, n.fence", "tests/reminders/test_restored.py::test_i8_an_attempt_that_was_begun_twice_between_two_restorations_is_two[RELEASING]"),
    _cut("restored: held beside the identity", "reminders/sending/arming.py", "        hold_all(reason=PauseReason.RESTORED, by=by)\n        enrol", "        enrol", "tests/reminders/test_restored.py::test_i13_nor_does_it_go_on_where_a_restoration_looks_like_a_machine_that_is_new[a_machine_without_its_identity-ENROLLED]"),
    _cut("restored: held by the reconciliation", "reminders/sending/reconcile.py", "        hold_all(reason=PauseReason.RESTORED, by=by)\n", "        pass\n", "tests/reminders/test_restored.py::test_i13_nor_where_the_journal_alone_shows_that_the_ledger_went_back"),
    _cut("reconcile: files are renamed before the commit", "reminders/sending/reconcile.py", "                _set_damaged_aside(done)\n", "                transaction.on_commit(lambda: _set_damaged_aside(done))\n", "tests/reminders/test_memory.py::test_a_reconciliation_that_is_cut_off_before_its_commit_can_be_said_again"),
    _cut("settle: what left again is not sent again", "reminders/planning/settling.py", "        _require_no_later_mail(notice_id)\n", "        pass\n", "tests/reminders/test_restored.py::test_i2_what_was_sent_again_before_the_restoration_is_not_sent_again_once_more"),
    _cut("proofs: not a mail that came back (I11)", "reminders/planning/proofs.py", "        ~Exists(returned),\n", "", "tests/reminders/test_case_proofs.py::test_i11_a_mail_that_came_back_proves_nothing_and_the_database_says_so_too[HARD_ADDRESS]"),
    _cut("bounces: a reply to a correction", "reminders/sending/reports.py", "yield from reversed(_ID.findall(thread))", "yield from _ID.findall(thread)", "tests/reminders/test_reports.py::test_of_a_thread_the_message_answered_comes_first_and_then_what_that_one_answered"),
    _cut("outcome: no answer after the dot is uncertain", "reminders/sending/outcome.py", "Verdict.UNCERTAIN: NoticeState.UNCERTAIN,", "Verdict.UNCERTAIN: NoticeState.PLANNED,", T10),
    _cut("outcome: a fault of the server burns nobody", "reminders/sending/outcome.py", "Verdict.SYSTEMIC: NoticeState.PLANNED,", "Verdict.SYSTEMIC: NoticeState.REFUSED,", T10),
    _cut("outcome: a retry within the useful time", "reminders/sending/outcome.py", "NoticeState.DEFERRED if not_before else NoticeState.EXPIRED", "NoticeState.DEFERRED", "tests/reminders/test_step.py"),
    _cut("transport: not after the deadline", "reminders/sending/transport.py", "        if _is_past(deadline):\n            return _lost(Stage.BODY,", "        if False:\n            return _lost(Stage.BODY,", T13),
    _cut("transport: an answer before the dot is heard", "reminders/sending/transport.py", "        if wire.unasked():\n            return self._read(wire, self._timeouts.command)\n        if _is_past", "        if _is_past", T13),
    _cut("transport: the dot decides", "reminders/sending/transport.py", "        self._stage = Stage.DOT\n        wire.write(", "        wire.write(", T13),
    _cut("transport: only a new connection after MAIL", "reminders/sending/transport.py", "if reused and _is_tired(reply) and", "if reused and", T13),
    _cut("transport: a leftover answer ends a connection", "reminders/sending/transport.py", "            if wire.unasked():\n                return False\n", "", T13),
    _cut("journal: on disk", "reminders/sending/journal.py", "            os.fsync(self._descriptor)\n", "", T14),
    _cut("journal: one writer a chain", "reminders/sending/journal.py", "        fcntl.flock(descriptor, how | fcntl.LOCK_NB)", "        pass", T15),
    _cut("journal: its last file is the lock", "reminders/sending/journal.py", "        if self._last_file() != name:\n            os.close(descriptor)\n            return False\n", "", T_WRITER),
    _cut("journal: the next file before the one before is let go", "reminders/sending/journal.py", "        while new := {paths[-1] for paths in files_of(directory).values()} - looked:", "        for new in [{paths[-1] for paths in files_of(directory).values()}]:", "tests/reminders/test_memory.py::test_a_writer_that_goes_on_to_its_next_file_meanwhile_is_found_there"),
    _cut("journal: no name whose files were set aside", "reminders/sending/journal.py", "self.sender not in given_up and self._is_free()", "self._is_free()", "tests/reminders/test_memory.py::test_a_name_whose_files_were_set_aside_is_not_used_again"),
    _cut("journal: its owner's, before a place is taken", "reminders/sending/journal.py", "            require_own(self.directory, self.epoch)\n            self._take_a_place()\n", "            self._take_a_place()\n", "tests/reminders/test_memory.py::test_i13_i2_who_took_the_identity_before_another_was_armed_does_not_begin_after[before]"),
    _cut("journal: its owner's, now that the place is held", "reminders/sending/journal.py", "            require_own(self.directory, self.epoch)\n            mark_begun", "            mark_begun", "tests/reminders/test_memory.py::test_i13_i2_who_took_the_identity_before_another_was_armed_does_not_begin_after"),
    _cut("journal: it is known to have begun", "reminders/sending/journal.py", "            mark_begun(self.directory, self.epoch)\n", "", "tests/reminders/test_memory.py::test_i13_an_empty_journal_is_lost_where_it_says_that_it_had_begun"),
    _cut("journal: an outcome without its intent", "reminders/rules/journal.py", "            yield Told({**entry.body, \"worker\": worker, \"orias\": None, \"items\": [], \"email\": \"\"}, entry.body)\n", "            pass\n", T_ORPHAN),
    _cut("reconcile: the one that waits under that identity", "reminders/sending/bringing.py", "\n          AND (here.id = t.notice OR t.orias IS NULL)", " AND here.id = t.notice", "tests/reminders/test_memory.py::test_i2_what_had_been_planned_meanwhile_under_that_identity_has_left"),
    _cut("reconcile: nobody's outcome keeps nothing closed", "reminders/sending/bringing.py", "WHERE (t.orias IS NOT NULL OR t.notice_id IS NOT NULL)\n  AND NOT EXISTS", "WHERE NOT EXISTS", "tests/reminders/test_memory.py::test_where_the_ledger_has_no_such_mail_it_is_counted_for_people_and_keeps_nothing_closed"),
    _cut("identity: the journal is another's", "reminders/sending/identity.py", "        return Trouble(why, str(engine.journal_dir))\n    if trouble := examine_journal", "        pass\n    if trouble := examine_journal", "tests/reminders/test_memory.py::test_i13_i2_an_old_primary_does_not_go_on_beside_the_standby_that_took_over"),
    _cut("arming: while nobody writes", "reminders/sending/arming.py", "        with nobody_writes(directory):\n            yield", "        yield", "tests/reminders/test_memory.py::test_i13_a_standby_is_not_armed_while_the_old_primary_still_sends"),
    _cut("arming: the journal stays its owner's where it fails", "reminders/sending/arming.py", "            write_owner(directory, before)\n        raise", "            pass\n        raise", "tests/reminders/test_memory.py::test_where_arming_fails_the_journal_is_its_owner_s_again"),
    _cut("identity: the database has gone back", "reminders/sending/identity.py", "    return judge_passes(armed.epoch, seen, passes_counted())", "    return None", "tests/reminders/test_memory.py::test_i13_a_snapshot_put_back_while_nothing_has_left_since_is_noticed"),
    _cut("journal: alone, once the intent can be read", "reminders/sending/journal.py", "        self.require_alone()\n", "", "tests/reminders/test_others.py::test_i2_i13_who_sends_stops_before_the_next_message_once_a_clone_has_begun"),
    _cut("identity: of two that begin at once the second", "reminders/sending/identity.py", "        if why := judge_passes(held.epoch, memories(engine), passes_counted()):\n            return Trouble(why)\n", "", "tests/reminders/test_others.py::test_i2_i13_of_two_clones_that_were_examined_at_the_same_time_the_second_does_not_begin"),
    _cut("identity: the journal once the pass can be seen", "reminders/sending/identity.py", "    sign(held.epoch, held.version)\n    return examine_journal(engine)", "    sign(held.epoch, held.version)\n    return None", "tests/reminders/test_others.py::test_i2_i13_who_begins_reads_the_journal_once_others_can_see_it"),
    _cut("identity: who was taken over is stopped", "reminders/rules/sender.py", "    return taken_over or why in ABOUT_THE_DATABASE", "    return why in ABOUT_THE_DATABASE", "tests/reminders/test_others.py::test_i2_i13_an_older_copy_of_the_journal_does_not_revive_an_old_primary"),
    _cut("identity: not by a machine that is none of its own", "reminders/rules/sender.py", " and bool(owner and owner.epoch) and enrolled", " and bool(owner and owner.epoch)", "tests/reminders/test_others.py::test_a_further_machine_whose_journal_dir_is_wrong_stops_nobody_else"),
    _cut("deliver: the journal knows what did not leave", "reminders/sending/deliver.py", "            self.journal.tell(outcome_told(ready.claimed, self.pending))\n            self._stop_for(error)", "            self._stop_for(error)", "tests/reminders/test_others.py::test_what_did_not_leave_then_is_known_for_it_by_the_journal_too"),
    _cut("memory: one at a time", "reminders/sending/memory.py", "            fcntl.flock(descriptor, fcntl.LOCK_EX)\n", "", "tests/reminders/test_others.py::test_what_is_remembered_is_written_by_one_at_a_time"),
    _cut("files: readable by the workers", "reminders/sending/files.py", "            give_to_the_owner_of(path.parent, file.fileno())\n", "", "tests/reminders/test_others.py::test_what_root_writes_belongs_to_whom_its_directory_belongs"),
    _cut("identity: a directory that is no journal", "reminders/sending/identity.py", "not (never_sent() and _is_where_it_was_made(engine))", "not never_sent()", "tests/reminders/test_memory.py::test_i13_a_directory_that_says_nothing_of_itself_is_no_journal_of_a_restored_register"),
    _cut("identity: what the machine remembers of the chains", "reminders/sending/identity.py", "    seen = entries_remembered(engine)\n", "    seen: dict[str, int] = {}\n", "tests/reminders/test_memory.py::test_i13_the_machine_misses_a_chain_at_its_next_pass"),
    _cut("reconcile: what the machine remembers of the chains", "reminders/sending/reconcile.py", "    seen = entries_remembered(engine)\n", "    seen: dict[str, int] = {}\n", T_CHAINS),
    _cut("memory: from when the journal was armed", "reminders/rules/sender.py", "        if owner and seen.epoch == owner.epoch:\n", "        if owner:\n", "tests/reminders/test_memory.py::test_what_a_machine_saw_before_the_journal_was_armed_anew_does_not_count"),
    _cut("journal: a torn line is cut off", "reminders/sending/journal.py", "            self._length -= latest.torn\n            self._take_back()\n", "", T15),
    _cut("journal: half a line is taken back", "reminders/sending/journal.py", "        except OSError as error:\n            self._take_back()\n", "        except OSError as error:\n", T15),
    _cut("reconcile: not while one sends", "reminders/sending/reconcile.py", "    with nobody_writes(directory):\n", "    with ExitStack():\n", T15),
    _cut("reconcile: the whole journal", "reminders/sending/reconcile.py", "            if not lost_reason:\n                _require_whole(done, known, engine)\n", "", T15),
    _cut("arming: reconciled first", "reminders/sending/arming.py", "    _require_reconciled(engine)\n    with", "    with", T16),
    _cut("arming: nothing goes on by itself", "reminders/sending/arming.py", "        hold_all(reason=PauseReason.RESTORED, by=by)\n        arm(", "        arm(", "tests/reminders/test_restored.py"),
    _cut("reconcile: this very attempt", "reminders/sending/bringing.py", " AND (a.started_at = t.at OR n.id = t.notice AND a.number = t.number\n    AND a.started_at BETWEEN t.at - interval '2 minutes' AND t.at + interval '2 minutes')", " AND a.number = t.number", "tests/reminders/test_restored.py"),
    _cut("reconcile: this very notice", "reminders/sending/bringing.py", "b.key = r.key AND b.notice = r.notice", "b.key = r.key", "tests/reminders/test_restored.py"),
    _cut("journal: begins where the database knows it", "reminders/rules/journal.py", "            if number <= self.known.sequence:\n", "            if number:\n", "tests/reminders/test_restored.py"),
    _cut("identity: another cluster or database", "reminders/rules/sender.py", "    if (there.system_identifier, there.database_oid) != (here.system_identifier, here.database_oid):\n        return Disarmed.OTHER_DATABASE\n", "", "tests/reminders/test_identity.py::test_i13_a_copy_beside_the_original_does_not_send_although_it_finds_file_and_journal[False]"),
    _cut("identity: another timeline", "reminders/rules/sender.py", "return Disarmed.OTHER_TIMELINE if there.timeline != here.timeline else None", "return None", "tests/reminders/test_identity.py::test_i13_another_cluster_or_a_recovery_to_a_point_in_time_does_not_send[change1-OTHER_TIMELINE]"),
    _cut("identity: no file", "reminders/rules/sender.py", "    if held is None:\n        return Disarmed.NO_FILE\n", "    if held is None:\n        return None\n", "tests/reminders/test_identity.py::test_a_file_is_given_to_a_machine_by_itself_only_where_nothing_was_ever_sent"),
    _cut("identity: a copied file", "reminders/rules/sender.py", "    if not held.in_place:\n        return Disarmed.FILE_COPIED\n", "", "tests/reminders/test_identity.py::test_i13_each_thing_that_a_restoration_or_a_copy_changes_keeps_mails_back[file_is_copied-FILE_COPIED-False]"),
    _cut("identity: armed elsewhere", "reminders/rules/sender.py", "    if held.epoch != armed.epoch:\n        return Disarmed.OTHER_EPOCH\n", "", T17),
    _cut("identity: a restored row", "reminders/rules/sender.py", "return Disarmed.ROW_RESTORED if held.version != armed.version else None", "return None", T17),
    _cut("identity: a lost journal", "reminders/rules/sender.py", "    if not found and expected:\n        return Disarmed.JOURNAL_LOST\n", "", T17),
    _cut("identity: a short journal", "reminders/rules/sender.py", "    short = {name for name, end in known.items() if _is_short(found.get(name), end)}", "    short: set[str] = set()", T17),
    _cut("identity: mails that the ledger lacks", "reminders/sending/identity.py", "return Trouble(Disarmed.LEDGER_BEHIND, \", \".join(unknown)) if unknown else None", "return None", T17),
    _cut("approval: a second person (I6)", "reminders/planning/approval.py", "        _require_second_person(batch, by)\n", "", T18),
    _cut("approval: the same list", "reminders/planning/approval.py", "        _require_same_list(batch, list_hash, count)\n", "", T18),
    _cut("approval: an untouched list", "reminders/planning/approval.py", "        _require_untouched_list(batch)\n        _require_no_red_brake", "        _require_no_red_brake", T18),
    _cut("approval: no red brake", "reminders/planning/approval.py", "        _require_no_red_brake(batch)\n        _require_fresh(batch, now)\n        batch.state = BatchState.APPROVED.value", "        _require_fresh(batch, now)\n        batch.state = BatchState.APPROVED.value", T18),
    _cut("approval: a fresh list", "reminders/planning/approval.py", "        _require_fresh(batch, now)\n        batch.state = BatchState.APPROVED.value", "        batch.state = BatchState.APPROVED.value", T18),
    _cut("release: no red brake", "reminders/planning/approval.py", "        _require_no_red_brake(batch)\n        _require_fresh(batch, now)\n        _require_live", "        _require_fresh(batch, now)\n        _require_live", T18),
    _cut("release: a fresh list", "reminders/planning/approval.py", "        _require_fresh(batch, now)\n        _require_live", "        _require_live", T18),
    _cut("release: an approval that lives", "reminders/planning/approval.py", "        _require_live_approval(batch, now)\n", "", T18),
    _cut("release: an untouched list", "reminders/planning/approval.py", "        _require_untouched_list(batch)\n        batch.state = BatchState.RELEASING", "        batch.state = BatchState.RELEASING", T18),
    _cut("eligibility: registered", "reminders/rules/eligibility.py", "        yield self._registered()\n", "", T19),
    _cut("eligibility: something is missing", "reminders/rules/eligibility.py", "        yield self._something_is_missing()\n", "", T19),
    _cut("eligibility: a wave runs today", "reminders/rules/eligibility.py", "        yield self._a_wave_runs_today()\n", "", T19),
    _cut("eligibility: not in a live batch", "reminders/rules/eligibility.py", "        yield self._not_in_a_live_batch()\n", "", T19),
    _cut("eligibility: not yet reminded", "reminders/rules/eligibility.py", "        yield self._not_yet_reminded()\n", "", T19),
    _cut("eligibility: not too soon", "reminders/rules/eligibility.py", "        yield self._not_too_soon()\n", "", T19),
    _cut("eligibility: in the wave asked", "reminders/rules/eligibility.py", "        yield self._in_the_wave_asked()\n", "", T19),
    _cut("eligibility: has an address", "reminders/rules/eligibility.py", "        yield self._has_an_address()\n", "", T19),
    _cut("eligibility: address works", "reminders/rules/eligibility.py", "        yield self._address_works()\n", "", T19),
)
IN_THE_DATABASE = (
    Guard("database: noticeitem reminded once", "tests/reminders/test_database_once.py::test_i2_a_wave_that_is_held_or_was_sent_is_not_reserved_again[ACCEPTED]", constraint="noticeitem_reminded_once"),
    Guard("database: notice one live per intermediary", "tests/reminders/test_database_once.py::test_i2_one_person_has_one_live_notice[CLAIMED]", constraint="notice_one_live_per_intermediary"),
    Guard("database: notice rank once", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[notice_rank_once]", constraint="notice_rank_once"),
    Guard("database: notice transitions", "tests/reminders/test_database_refuses.py::test_a_notice_goes_from_state_to_state_as_the_table_says[PLANNED-SENDING]", constraint="notice_transitions"),
    Guard("database: notice is frozen", "tests/reminders/test_database_keeps.py::test_i5_a_notice_stays_as_it_was_approved[rank]", constraint="notice_is_frozen"),
    Guard("database: notice list is sealed", "tests/reminders/test_database_keeps.py::test_i5_nothing_is_added_to_a_list_that_is_sealed[notice]", constraint="notice_list_is_sealed"),
    Guard("database: noticeitem list is sealed", "tests/reminders/test_database_keeps.py::test_i5_nothing_is_added_to_a_list_that_is_sealed[noticeitem]", constraint="noticeitem_list_is_sealed"),
    Guard("database: leftout list is sealed", "tests/reminders/test_database_keeps.py::test_i5_nothing_is_added_to_a_list_that_is_sealed[leftout]", constraint="leftout_list_is_sealed"),
    Guard("database: noticeitem is frozen", "tests/reminders/test_database_keeps.py::test_i2_what_a_notice_discharges_stays_as_it_is[kind]", constraint="noticeitem_is_frozen"),
    Guard("database: notice is kept", "tests/reminders/test_database_keeps.py::test_i8_no_row_of_the_ledger_is_deleted[NoticeFactory-Notice]", constraint="notice_is_kept"),
    Guard("database: noticeitem is kept", "tests/reminders/test_database_keeps.py::test_i8_no_row_of_the_ledger_is_deleted[NoticeItemFactory-NoticeItem]", constraint="noticeitem_is_kept"),
    Guard("database: notice begins as planned", "tests/reminders/test_database_keeps.py::test_i4_a_notice_begins_as_planned[CLAIMED]", constraint="notice_begins_as_planned"),
    Guard("database: notice unsent frees its waves", "tests/reminders/test_database_once.py::test_a_wave_whose_mail_never_left_may_be_planned_again[CANCELLED]", constraint="notice_unsent_frees_its_waves"),
    Guard("database: noticeitem sent stays held", "tests/reminders/test_database_once.py::test_i2_what_may_have_left_is_not_given_up[ACCEPTED]", constraint="noticeitem_sent_stays_held"),
    Guard("database: noticeitem begins held", "tests/reminders/test_database_once.py::test_i2_a_notice_holds_the_waves_it_discharges_from_the_first", constraint="noticeitem_begins_held"),
    Guard("database: noticeitem freed stays free", "tests/reminders/test_database_once.py::test_i2_a_wave_given_up_is_not_taken_back[CANCELLED]", constraint="noticeitem_freed_stays_free"),
    Guard("database: attempt once", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[attempt_once]", constraint="attempt_once"),
    Guard("database: attempt is completed once", "tests/reminders/test_database_keeps.py::test_an_attempt_is_completed_once", constraint="attempt_is_completed_once"),
    Guard("database: attempt is kept", "tests/reminders/test_database_keeps.py::test_i8_no_row_of_the_ledger_is_deleted[AttemptFactory-Attempt]", constraint="attempt_is_kept"),
    Guard("database: notice claimed has a lease", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[notice_claimed_has_a_lease]", constraint="notice_transitions"),
    Guard("database: notice skipped says why", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[notice_skipped_says_why]", constraint="notice_transitions"),
    Guard("database: notice has an address", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[notice_has_an_address]", constraint="notice_has_an_address"),
    Guard("database: notice state is known", "tests/reminders/test_database_refuses.py::test_a_state_that_does_not_exist_is_not_reached[NoticeFactory-CLAIMER]", constraint="notice_transitions"),
    Guard("database: batch state is known", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_state_is_known]", constraint="batch_state_is_known"),
    Guard("database: batch transitions", "tests/reminders/test_database_refuses.py::test_a_batch_goes_from_state_to_state_as_the_table_says[DRAFT-RELEASING]", constraint="batch_transitions"),
    Guard("database: batch is frozen", "tests/reminders/test_database_keeps.py::test_i6_what_was_approved_does_not_change_once_the_list_has_a_hash[reason]", constraint="batch_is_frozen"),
    Guard("database: batch approval stands", T20, constraint="batch_approval_stands"),
    Guard("database: batch begins as a draft", "tests/reminders/test_database_keeps.py::test_i6_a_batch_begins_as_a_draft[APPROVED]", constraint="batch_begins_as_a_draft"),
    Guard("database: batch is approved by a second person", "tests/reminders/test_database_refuses.py::test_i6_a_batch_is_not_approved_by_its_author", constraint="batch_is_approved_by_a_second_person"),
    Guard("database: batch is released only if approved", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_is_released_only_if_approved]", constraint="batch_is_released_only_if_approved"),
    Guard("database: batch approval is of a sealed list", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_approval_is_of_a_sealed_list]", constraint="batch_approval_is_of_a_sealed_list"),
    Guard("database: batch ceiling within the list", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_ceiling_within_the_list]", constraint="batch_ceiling_within_the_list"),
    Guard("database: batch nothing may leave unreleased", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_nothing_may_leave_unreleased]", constraint="batch_nothing_may_leave_unreleased"),
    Guard("database: batch approval is paired", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_approval_is_paired]", constraint="batch_approval_is_paired"),
    Guard("database: batch release is paired", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_release_is_paired]", constraint="batch_release_is_paired"),
    Guard("database: batch pause has a reason", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_pause_has_a_reason]", constraint="batch_pause_has_a_reason"),
    Guard("database: batch one live plan a day", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[batch_one_live_plan_a_day]", constraint="batch_one_live_plan_a_day"),
    Guard("database: batch steps one at a time", "tests/reminders/test_database_keeps.py::test_i6_a_ceiling_grows_from_step_to_step_and_no_other_way[25-0]", constraint="batch_steps_one_at_a_time"),
    Guard("database: batch stands under an alarm", "tests/reminders/test_database_keeps.py::test_i7_a_batch_under_an_open_alarm_does_not_go_on", constraint="batch_stands_under_an_alarm"),
    Guard("database: batch is kept", "tests/reminders/test_database_keeps.py::test_i8_no_row_of_the_ledger_is_deleted[BatchFactory-Batch]", constraint="batch_is_kept"),
    Guard("database: leftout is kept", "tests/reminders/test_database_keeps.py::test_i8_no_row_of_the_ledger_is_deleted[LeftOutFactory-LeftOut]", constraint="leftout_is_kept"),
    Guard("database: leftout once per batch", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[leftout_once_per_batch]", constraint="leftout_once_per_batch"),
    Guard("database: stopswitch is one row", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[stopswitch_is_one_row]", constraint="stopswitch_is_one_row"),
    Guard("database: stopswitch says why it stops", "tests/reminders/test_database_refuses.py::test_each_constraint_refuses_what_it_is_there_for[stopswitch_says_why_it_stops]", constraint="stopswitch_says_why_it_stops"),
    Guard("database: pace is one row", T20, constraint="pace_is_one_row"),
    Guard("database: tick once", T20, constraint="tick_once"),
    Guard("database: senderidentity is one row", T20, constraint="senderidentity_is_one_row"),
    Guard("database: reconciliation is kept", T20, constraint="reconciliation_is_kept"),
    Guard("database: notice corrected once", T20, constraint="notice_corrected_once"),
    Guard("database: notice correction says what it tells", T20, constraint="notice_correction_says_what_it_tells"),
    Guard("database: notice corrects its own", T20, constraint="notice_corrects_its_own"),
    Guard("database: batch one live recall", T20, constraint="batch_one_live_recall"),
    Guard("database: batch recall names what it corrects", T20, constraint="batch_recall_names_what_it_corrects"),
    Guard("database: batch recall is of what ended", T20, constraint="batch_recall_is_of_what_ended"),
    Guard("database: batch stays of its kind", T20, constraint="batch_stays_of_its_kind"),
    Guard("database: alarm open once", T20, constraint="alarm_open_once"),
    Guard("database: alarm is kept", T20, constraint="alarm_is_kept"),
    Guard("database: alarm is frozen", T20, constraint="alarm_is_frozen"),
    Guard("database: alarm is closed once", T20, constraint="alarm_is_closed_once"),
    Guard("database: alarm closing is paired", T20, constraint="alarm_closing_is_paired"),
    Guard("database: wrongreport once", T20, constraint="wrongreport_once"),
    Guard("database: wrongreport is kept", T20, constraint="wrongreport_is_kept"),
    Guard("database: bounce once", T20, constraint="bounce_once"),
    Guard("database: bounce is kept", T20, constraint="bounce_is_kept"),
    Guard("database: settlement stands", T20, constraint="settlement_stands"),
    Guard("database: settlement rests on something", T20, constraint="settlement_rests_on_something"),
    Guard("database: settlement is of an uncertain notice", T20, constraint="settlement_is_of_an_uncertain_notice"),
    Guard("database: settlement again is a persons decision", T20, constraint="settlement_again_is_a_persons_decision"),
    Guard("database: settlement again is as if unsent", T20, constraint="settlement_again_is_as_if_unsent"),
    Guard("database: what by a person's word never left is corrected once more", "tests/reminders/test_recall.py::test_a_correction_that_by_a_person_s_word_never_left_is_planned_once_more", constraint="settlement_again_is_as_if_unsent"),
    Guard("database: domainpace once", T20, constraint="domainpace_once"),
    Guard("database: domainpace counts from one", T20, constraint="domainpace_counts_from_one"),
)
# fmt: on
GUARDS: tuple[Guard, ...] = IN_THE_TEXT + IN_THE_DATABASE
