"""The reminder in English, for intermediaries who prefer it."""

from datetime import date

from registry.rules.categories import CoverKind
from registry.rules.covers import CoverState
from registry.rules.english import day_in_words
from reminders.messages.content import Content, ItemLine, Letterhead, ReceivedLine, ReminderContent
from reminders.messages.wording import day_after, deadline_of, enumerate_categories, is_late

COUNTS = ("", "One certificate", "Two certificates", "Three certificates", "Four certificates")

SHORT_TITLES = {
    CoverKind.RC_PRO: "professional indemnity certificate",
    CoverKind.FINANCIAL_GUARANTEE: "financial guarantee certificate",
}
TITLES = {
    CoverKind.RC_PRO: "Professional indemnity insurance certificate (RC Pro)",
    CoverKind.FINANCIAL_GUARANTEE: "Financial guarantee certificate",
}
RECEIVED_TITLES = {
    CoverKind.RC_PRO: "Professional indemnity (RC Pro)",
    CoverKind.FINANCIAL_GUARANTEE: "Financial guarantee",
}
OUTCOMES = {
    "AWAITING_REVIEW": "it is being reviewed",
    "ACCEPTED": "it is accepted",
    "RETURNED": "it was sent back to you for correction, the reason is in your file",
    "REFUSED": "it could not be accepted, the reason is in your file",
}


class English:
    """See ``Wording``."""

    def subject(self, content: ReminderContent) -> str:
        """Name the file, what is missing and until when, or since when."""
        several = len(content.items) > 1
        what = _count(len(content.items)).lower() if several else SHORT_TITLES[content.items[0].kind]
        return f"File no. {content.orias_number}: {what} {_when(content)}"

    def greeting(self) -> str:
        """Greet."""
        return "Hello,"

    def opening(self, content: ReminderContent) -> str:
        """Say how many certificates are missing from which file."""
        verb = "is" if len(content.items) == 1 else "are"
        still = "still " if is_late(content) else ""
        file = f"file no. {content.orias_number} ({content.name})"
        return f"{_count(len(content.items))} {verb} {still}missing from your {file}:"

    def item_title(self, item: ItemLine) -> str:
        """Name a missing certificate and the categories it is for."""
        word = "category" if len(item.categories) == 1 else "categories"
        return f"{TITLES[item.kind]}, {word} {enumerate_categories(item.categories, 'and')}"

    def item_facts(self, item: ItemLine) -> str:
        """Say by when it must be filed and until when the present cover runs."""
        due_on = day_in_words(item.due_on)
        deadline = f"It was expected by {due_on}." if item.overdue else f"To be filed by {due_on}."
        return f"{deadline} {_cover(item)}"

    def received_heading(self) -> str:
        """Introduce what was received."""
        return "We have received:"

    def received(self, line: ReceivedLine) -> str:
        """Say what was received, when, and what became of it."""
        title = f"{RECEIVED_TITLES[line.kind]}, {enumerate_categories(line.categories, 'and')}:"
        until = (
            f" and covers up to and including {day_in_words(line.until)}"
            if line.status == "ACCEPTED" and line.until
            else ""
        )
        return f"{title} certificate received on {day_in_words(line.received_on)}; {OUTCOMES[line.status]}{until}."

    def reassurance(self, content: Content) -> str:
        """Say that there is nothing to do for those who have filed since."""
        several = len(content.items) > 1
        done = "your certificates" if several else "your certificate"
        calm = f"If you have filed {done} since, there is nothing you need to do."
        if not is_late(content):
            return calm
        act = f"If not, please file {'them' if several else 'it'} as soon as you can."
        return f"{calm} {act} This message is not a decision and changes nothing in your registration."

    def file_link(self) -> str:
        """Name the link to the file."""
        return "See your file and file a certificate"

    def why_question(self) -> str:
        """Name the link to the explanation of this message."""
        return "Why this message?"

    def why_link(self) -> str:
        """Name the same link; there one can also say that the message is wrong."""
        return f"{self.why_question()} If your file is complete already, say so on this page:"

    def footer(self, content: Content, letterhead: Letterhead, reply_to: str) -> str:
        """Say who sends this, to which address, and where an answer goes."""
        return (
            f"Automatic message about your entry in the register, sent by {letterhead.site_name} "
            f"to {content.email.strip()}. To write to us: {reply_to}."
        )


def _when(content: ReminderContent) -> str:
    """Return "due by …", "not received by …", "awaited, one of them not received by …"."""
    deadline = deadline_of(content)
    day = day_in_words(deadline.day)
    if not deadline.late:
        return f"due by {day}" if deadline.alike else f"due, the first by {day}"
    if deadline.late == len(content.items):
        return f"not received by {day}"
    return f"awaited, {_count(deadline.late).lower().split()[0]} of them not received by {day}"


def _count(count: int) -> str:
    return COUNTS[count] if count < len(COUNTS) else f"{count} certificates"


def _cover(item: ItemLine) -> str:
    match item.state:
        case CoverState.DUE | CoverState.LAPSED if item.term is not None:
            return _renewal(item.state, item.term)
        case CoverState.BELOW_MINIMUM:
            return (
                "The amounts on the certificate received are below the legal minimum: we need a corrected certificate."
            )
    return "There is no certificate in force on file."


def _renewal(state: str, term: date) -> str:
    last, following = day_in_words(term), day_in_words(day_after(term))
    if state == CoverState.LAPSED:
        return (
            f"The last cover we know of ended on {last}; the new certificate must cover, without a gap, "
            f"the period from {following}."
        )
    return (
        f"The present cover runs up to and including {last}; the new certificate must cover the period "
        f"from {following}."
    )
