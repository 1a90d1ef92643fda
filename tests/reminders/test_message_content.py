"""What no letter can be made of is refused when it is made, and not in the middle of a run."""

from dataclasses import replace

import pytest

from registry.rules.covers import CoverState
from reminders.messages.message import render
from tests.reminders.test_message_wording import CONTENT, GUARANTEE_RECEIVED, LETTERHEAD, item


@pytest.mark.parametrize(
    "make",
    [
        lambda: item(state=CoverState.IN_FORCE),
        lambda: item(state="DU"),
        lambda: item(categories=()),
        lambda: item(term=None),
        lambda: replace(GUARANTEE_RECEIVED, status="DEPOSITED"),
        lambda: replace(GUARANTEE_RECEIVED, categories=()),
        lambda: replace(CONTENT, items=()),
        lambda: replace(CONTENT, language="de"),
        lambda: render(replace(CONTENT, email="not an address"), LETTERHEAD),
        lambda: replace(LETTERHEAD, sender="nobody"),
        lambda: replace(LETTERHEAD, reply_to="a@b.fr\r\nBcc: c@d.fr"),
        lambda: replace(LETTERHEAD, mail_domain="registre.example\r\nX: y"),
        lambda: replace(LETTERHEAD, site_url="registre.example"),
        lambda: replace(LETTERHEAD, site_url="https://registre.example/\n"),
        lambda: replace(LETTERHEAD, site_name="Registre\r\nBcc: c@d.fr"),
        lambda: replace(LETTERHEAD, site_name=""),
    ],
)
def test_what_no_letter_can_be_made_of_is_refused_when_it_is_made(make: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()  # type: ignore[operator]


def test_the_letterhead_knows_where_bounces_go() -> None:
    assert LETTERHEAD.envelope_sender == "ne-pas-repondre@registre.example"
