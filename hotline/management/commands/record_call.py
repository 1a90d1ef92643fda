"""Log a call."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from hotline.actions.calls import Conversation, record_call
from hotline.management.arguments import hour, instant_of
from hotline.management.shared import HotlineCommand, code_of, names_of, the_intermediary, the_notice
from hotline.rules.calls import CallOutcome, CallReason
from registry import clock
from registry.management.arguments import orias_number
from registry.management.console import acting_user, add_by, add_json, require, text_up_to, whole_number


class Command(HotlineCommand):
    """`record_call --reason R --outcome O`."""

    help = (
        "Log a call: why, what came of it, from whom. One about a mail (why_mail) is tied to the latest that left to "
        "the intermediary. --at and --slip enter later what was noted on paper; the same slip again enters nothing."
    )
    examples = """
  manage.py record_call --reason why_mail --outcome answered --orias 07001003 --caller '01 99 00 12 34' --by hugo
  manage.py record_call --reason file_state --outcome call_back --caller 0199001234 --call-back-by 16:30 --by hugo
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Why, what came of it, who, when."""
        parser.add_argument("--reason", type=code_of(CallReason), required=True, help=f"one of {names_of(CallReason)}")
        parser.add_argument(
            "--outcome", type=code_of(CallOutcome), required=True, help=f"one of {names_of(CallOutcome)}"
        )
        parser.add_argument("--caller", default="", metavar="PHONE", help="the caller's number, in any form")
        parser.add_argument("--orias", type=orias_number, metavar="NUMBER", help="the intermediary concerned")
        parser.add_argument("--notice", type=whole_number(1, 2**31 - 1), metavar="ID", help="the message spoken of")
        parser.add_argument("--at", type=hour, metavar="HOUR", help="when it came in (now): 14:30, or a day with it")
        parser.add_argument("--seconds", type=whole_number(0, 86_400), help="how long it lasted")
        parser.add_argument("--call-back-by", type=hour, metavar="HOUR", help="until when we promised to call back")
        parser.add_argument("--note", type=text_up_to(500), default="", help="a few words")
        parser.add_argument("--slip", default="", metavar="NUMBER", help="the paper slip it was noted on")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Log it."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, "hotline.add_call")
        conversation = Conversation(
            reason=options["reason"],
            outcome=options["outcome"],
            started_at=instant_of(options["at"], now) or now,
            caller=options["caller"],
            duration_seconds=options["seconds"],
            intermediary=the_intermediary(options["orias"]),
            notice=the_notice(options["notice"]),
            note=options["note"],
            call_back_by=instant_of(options["call_back_by"], now),
            slip=options["slip"],
        )
        call = record_call(conversation=conversation, by=by, now=now)
        if options["json"]:
            self.print_json({"call": call.pk, "notice": call.notice_id, "caller": call.caller_key})
            return
        self.stdout.write(f"Appel {call.pk} noté.")
