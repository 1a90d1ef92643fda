"""A renewal year lived through, from its opening on 15 December 2026 to April 2028: each decisive day, what people do,
and what register, reminders and letters say that evening.

Seventeen months, so that the year's removals, a return, a cover that ends alone and the next opening are in it; one
campaign ends on 28 February, the other on the 29th. The people: `early` files at once, `old` the attestation of the old
period, `fee` pays late, `ended` is terminated by its insurer in summer, `funds` holds client funds, `paper` files on
paper, `late` within the tolerance, `idle` and `gone` not at all (one comes back), `struck` is struck off by the ACPR,
`cif1` to `cif3` file by their association, `january` registers in January.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from registry import actions, clock
from registry.actions import RegisterError, orders
from registry.actions.purging import list_purgeable, purge_files
from registry.actions.renewal_fees import debtors
from registry.actions.reviews import Fate
from registry.models import Cover
from registry.models.cover import Channel
from registry.reviews import findings_of
from registry.rules.categories import Category, CoverKind
from registry.rules.papers import PaperCode
from registry.rules.removals import CaseState, Ground
from registry.rules.renewals import FilingChannel, ItemKind, ItemReason, ItemState
from registry.rules.reviews import ReviewReason
from reminders import tasks
from tests.incidents.year import Day, Year, live

pytestmark = pytest.mark.django_db(transaction=True)

MARCH_27, MARCH_28 = date(2027, 3, 1), date(2028, 3, 1)
RC, GF = "RC_PRO", "FINANCIAL_GUARANTEE"
INSURED = "early old fee ended paper late idle gone struck"


@pytest.fixture
def year(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Year:
    lived = Year()
    settings.SEND_WINDOW, settings.RELEASE_STEPS, settings.PACE_PER_HOUR = "mon-fri 09:00-17:00", (), 0
    monkeypatch.setattr(clock, "now", lambda: lived.now)
    monkeypatch.setattr(tasks, "SmtpSession", lambda *_, **__: lived.transport)
    lived.begins()
    return lived


def nothing(year: Year) -> None:
    """Nobody does anything."""


def opens(year: Year) -> None:
    """The campaign opens on 15 December by a signed decision, and a request for each registration it concerns."""
    with pytest.raises(RegisterError, match="n’ouvre que le 2027-01-01"):
        actions.open_renewals(by=year.alice, why="ouverture", day=year.day, year=2027)
    actions.shift_campaign(
        by=year.alice, reason="ouverture du portail", act_reference="CI-2026-12", now=year.now, year=2027,
        dates={"opens_on": date(2026, 12, 15)},
    )  # fmt: skip
    opened = actions.open_renewals(by=year.alice, why="ouverture", day=year.day, year=2027)
    assert opened.to_open == {"CIF": 3, "COA": 9, "IOB": 1}


def early_ones_file(year: Year) -> None:
    year.files("early", "ended", "fee", "struck", year=2027, paid=False)
    for name in ("early", "ended", "struck"):
        year.pays(year.request(name, 2027))
    for name in ("early", "ended", "fee", "struck", "funds"):
        year.deposits(name, start=MARCH_27)
    year.files("funds", year=2027)


def association_files(year: Year) -> None:
    """Two of its three, for whom it pays, and one that is not its own: each line has its fate."""
    numbers = [(year.people[name].orias_number, Category.CIF) for name in ("cif1", "cif2")]
    stranger = (year.people["late"].orias_number, Category.COA)
    told = actions.file_renewals(
        by=year.alice, why="association", day=year.day, year=2027, lines=[*numbers, stranger],
        channel=FilingChannel.ASSOCIATION, filed_on=year.day,
    )  # fmt: skip
    assert [bool(line.request) for line in told] == [True, True, False]
    for name in ("cif1", "cif2"):
        year.pays(year.request(name, 2027))
    year.insurer_pushes("cif1", "cif2", start=MARCH_27)


def old_files_the_old_period(year: Year) -> None:
    year.files("old", year=2027)
    cover = year.deposits("old", start=date(2026, 3, 1))
    assert PaperCode.PERIOD_OLD in {found.code for found in findings_of([cover])[cover.pk]}


def reviewed(year: Year, *names: str) -> dict[str, Fate]:
    """The reviewer accepts a lot; each one's fate."""
    whose = {year.last_cover(name).pk: name for name in names}
    lot = actions.accept_covers(by=year.bruno, why="lot", day=year.day, ids=list(whose))
    return {whose[line.cover_id]: line.fate for line in lot}


def first_review(year: Year) -> None:
    """Two certificates of one file are accepted one by one; the old period is left to a person."""
    told = reviewed(year, "early", "ended", "fee", "struck", "funds", "old")
    assert told.pop("old") is Fate.FOUND_WANTING
    assert set(told.values()) == {Fate.ACCEPTED}


def january_registers(year: Year) -> None:
    """A beginner: covered to the end of February, and not of this year's campaign."""
    year.registers("january", "07000099", Category.COA, date(2027, 1, 15))
    year.deposits("january", start=date(2027, 1, 15), accepted=True)
    assert actions.open_renewals(by=year.alice, why="encore", day=year.day, year=2027).to_open["COA"] == 0


def old_is_refused(year: Year) -> None:
    actions.refuse_cover(
        by=year.bruno, why="instruction", day=year.day, cover=year.last_cover("old"), reason=ReviewReason.OLD_PERIOD
    )
    assert ItemReason.PAPER_REFUSED in year.item("old", 2027, ItemKind.RC_PRO).reasons


def old_files_the_right_one(year: Year) -> None:
    year.deposits("old", start=MARCH_27)


def funds_files_the_guarantee(year: Year) -> None:
    year.deposits("funds", CoverKind.FINANCIAL_GUARANTEE, start=MARCH_27)


def tolerated_to_the_end_of_march(year: Year) -> None:
    actions.shift_campaign(
        by=year.alice, reason="tolérance", act_reference="CI-2027-2", now=year.now, year=2027,
        dates={"tolerated_until": date(2027, 3, 31)},
    )  # fmt: skip


def guarantee_is_sent_back(year: Year) -> None:
    actions.ask_correction(
        by=year.bruno, why="instruction", day=year.day, cover=year.last_cover("funds"), reason=ReviewReason.UNREADABLE
    )


def funds_answers(year: Year) -> None:
    actions.answer_correction(
        by=year.alice, why="réponse", day=year.day, cover=year.last_cover("funds"), policy="P-funds-lisible"
    )


def january_renews(year: Year) -> None:
    year.deposits("january", start=MARCH_27)


def fee_is_claimed(year: Year) -> None:
    """By letter to the one debtor; the thirty days begin with its posting."""
    keys = list(debtors(year=2027).values_list("id", flat=True))
    assert keys == [year.request("fee", 2027).pk]
    assert len(list(actions.write_fee_letters(by=year.alice, why="frais", now=year.now, requests=keys))) == 1
    actions.record_fee_letters_posted(by=year.alice, why="frais", day=year.day, year=2027, posted_on=year.day)
    assert year.item("fee", 2027, ItemKind.FEE).reasons == (ItemReason.FEE_NOTICE_RUNS,)


def paper_is_entered(year: Year) -> None:
    """What lay in the post since 26 February: the deposit counts once a second person has read that day on it."""
    deposited = date(2027, 2, 26)
    year.files("paper", year=2027, channel=FilingChannel.PAPER, filed_on=deposited)
    year.deposits("paper", start=MARCH_27, channel=Channel.PAPER, deposited_on=deposited)
    assert year.item("paper", 2027, ItemKind.REQUEST).state is ItemState.BEING_CHECKED


def paper_is_confirmed_and_all_accepted(year: Year) -> None:
    """Late by our doing: who deposited in February is in time (I12)."""
    request = year.request("paper", 2027)
    with pytest.raises(RegisterError, match="une autre personne"):
        actions.confirm_paper(
            by=year.alice, why="relu", day=year.day, request=request, filed_on=request.filed_on or year.day
        )
    actions.confirm_paper(by=year.bruno, why="relu", day=year.day, request=request, filed_on=date(2027, 2, 26))
    year.pays(request)
    assert year.item("paper", 2027, ItemKind.REQUEST).reasons == (ItemReason.FILED_IN_TIME,)
    assert set(reviewed(year, "old", "paper", "january", "funds").values()) == {Fate.ACCEPTED}


def late_files(year: Year) -> None:
    year.files("late", year=2027)
    year.deposits("late", start=MARCH_27)
    assert year.item("late", 2027, ItemKind.REQUEST).reasons == (ItemReason.FILED_IN_TOLERANCE,)


def association_remembers(year: Year) -> None:
    year.files("cif3", year=2027, channel=FilingChannel.ASSOCIATION)
    year.insurer_pushes("cif3", start=MARCH_27)


def no_case_within_the_tolerance(year: Year) -> None:
    for name, ground in (("idle", Ground.COVER), ("gone", Ground.NOT_FILED), ("fee", Ground.FEE)):
        with pytest.raises(RegisterError, match="Aucune affaire à ouvrir"):
            year.opens_case(name, ground, 2027)


def cases_are_opened(year: Year) -> None:
    """One rests on a reminder that was accepted, two on letters; a paper that waits for us forbids another."""
    with pytest.raises(RegisterError, match="attend notre contrôle"):
        year.opens_case("late")
    reviewed(year, "late")
    year.opens_case("idle")
    year.notice_was_a_reminder("idle")
    year.opens_case("gone", Ground.NOT_FILED, 2027)
    year.writes("gone", CaseState.NOTICE)
    year.opens_case("fee", Ground.FEE, 2027)
    year.writes("fee", CaseState.NOTICE)


def idle_is_formally_told(year: Year) -> None:
    with pytest.raises(RegisterError, match="à partir du 2027-04-21"):
        year.writes("gone", CaseState.FORMAL)
    year.writes("idle", CaseState.FORMAL)


def fee_pays(year: Year) -> None:
    year.pays(year.request("fee", 2027))


def gone_is_formally_told(year: Year) -> None:
    """And the case of who has paid is withdrawn by the next step itself."""
    assert year.writes("fee", CaseState.FORMAL).state == CaseState.WITHDRAWN
    year.writes("gone", CaseState.FORMAL)


def ended_is_terminated(year: Year) -> None:
    year.insurer_ends("ended", date(2027, 7, 1))


def commission_sits(year: Year) -> None:
    year.session_decides("idle", "gone")


def decisions_are_notified(year: Year) -> None:
    for name in ("idle", "gone"):
        with pytest.raises(RegisterError, match="n’est pas prouvée|ne suit pas"):
            year.publishes(name)
        year.writes(name, CaseState.LETTER)


def removals_are_published(year: Year) -> None:
    year.publishes("idle", "gone")


def ended_is_insured_again(year: Year) -> None:
    year.insurer_pushes("ended", start=date(2027, 7, 1))


def idle_comes_back(year: Year) -> None:
    """The same number, a new decision, a new certificate."""
    orders.record_reentry(
        by=year.alice, why="nouvelle inscription", day=year.day, registration=year.registration("idle"),
        registered_on=year.day, act_reference="CI-2027-60",
    )  # fmt: skip
    year.deposits("idle", start=year.day, accepted=True)


def acpr_strikes_off(year: Year) -> None:
    year.authority_strikes_off("struck")


def opens_again(year: Year) -> None:
    """January's beginner is of this campaign, who was removed is not, who came back is."""
    actions.shift_campaign(
        by=year.alice, reason="ouverture du portail", act_reference="CI-2027-80", now=year.now, year=2028,
        dates={"opens_on": date(2027, 12, 15)},
    )  # fmt: skip
    opened = actions.open_renewals(by=year.alice, why="ouverture", day=year.day, year=2028)
    assert opened.to_open == {"CIF": 3, "COA": 8, "IOB": 1}


def insurers_renew_tacitly(year: Year) -> None:
    year.insurer_pushes("early", "fee", "ended", "cif1", "cif2", "cif3", start=MARCH_28)
    year.files("cif1", "cif2", "cif3", year=2028, channel=FilingChannel.ASSOCIATION)
    year.files("early", "fee", "ended", year=2028)


def days_of_our_outage_are_given_back(year: Year) -> None:
    actions.freeze_deadlines(
        by=year.alice, reason="panne", now=year.now, from_on=date(2028, 1, 18), until_on=date(2028, 1, 20)
    )


def most_file(year: Year) -> None:
    names = ("old", "paper", "idle", "january")
    year.files(*names, year=2028)
    for name in names:
        year.deposits(name, start=MARCH_28)
    assert set(reviewed(year, *names).values()) == {Fate.ACCEPTED}


def funds_files_both(year: Year) -> None:
    year.files("funds", year=2028)
    for kind in CoverKind:
        year.deposits("funds", kind, start=MARCH_28)


def funds_are_accepted(year: Year) -> None:
    both = Cover.objects.filter(intermediary=year.people["funds"], status="DEPOSITED").values_list("id", flat=True)
    lot = actions.accept_covers(by=year.bruno, why="lot", day=year.day, ids=list(both))
    assert [line.fate for line in lot] == [Fate.ACCEPTED] * 2


def late_files_on_the_day_given_back(year: Year) -> None:
    year.files("late", year=2028)
    year.deposits("late", start=MARCH_28)
    assert year.item("late", 2028, ItemKind.REQUEST).reasons == (ItemReason.FILED_IN_TIME,)


def late_is_accepted(year: Year) -> None:
    assert set(reviewed(year, "late").values()) == {Fate.ACCEPTED}


NEVER = "paper late idle gone"
CIFS = "cif1 cif2 cif3"
CLAIMED = {"fee": 1}
AFTER_FORMAL = {"gone": 1, "fee": 2, "idle": 1}
AFTER_BOTH = AFTER_FORMAL | {"gone": 2}
AFTER_ALL = AFTER_BOTH | {"gone": 3, "idle": 2}
AFTER_ORDER = AFTER_ALL | {"struck": 1}

STORY = (
    Day("2026-12-15", opens, to_do=f"{INSURED} funds {CIFS}"),
    Day("2026-12-17", nothing, {f"{RC} D-45": CIFS}, to_do=f"{INSURED} funds {CIFS}"),
    Day("2027-01-04", nothing, {f"{RC} D-30": CIFS}, to_do=f"{INSURED} funds {CIFS}"),
    Day("2027-01-05", early_ones_file, to_do=f"{NEVER} old funds {CIFS}", checked="early ended fee struck"),
    Day("2027-01-07", association_files, to_do=f"{NEVER} old funds cif3", checked="early ended fee struck"),
    Day("2027-01-11", old_files_the_old_period, to_do=f"{NEVER} funds cif3", checked="early ended fee struck old"),
    Day("2027-01-12", first_review, to_do=f"{NEVER} funds cif3", checked="old"),
    Day("2027-01-14", nothing, {f"{RC} D-45": NEVER, f"{GF} D-45": "funds"}, f"{NEVER} funds cif3", "old"),
    Day("2027-01-18", january_registers, {f"{RC} D-15": "cif3"}, f"{NEVER} funds cif3", "old"),
    Day("2027-01-20", old_is_refused, {f"{RC} D-45": "old"}, f"{NEVER} old funds cif3"),
    Day("2027-01-25", nothing, {f"{RC} D-7": "cif3"}, f"{NEVER} old funds cif3"),
    # The association's D-2 would be four days after its D-7: too soon, and then the weekend ends the wave.
    Day("2027-01-29", nothing, {f"{RC} D-30": f"{NEVER} old", f"{GF} D-30": "funds"}, f"{NEVER} old funds cif3"),
    Day("2027-02-01", nothing, {f"{RC} D+1": "cif3"}, f"{NEVER} old funds", overdue="cif3"),
    Day("2027-02-10", old_files_the_right_one, {}, f"{NEVER} funds", "old", "cif3"),
    Day("2027-02-15", funds_files_the_guarantee, {f"{RC} D-15": NEVER}, NEVER, "old funds", "cif3"),
    Day("2027-02-17", tolerated_to_the_end_of_march, {}, NEVER, "old funds", "cif3"),
    # The ball is with them again: the wave that runs speaks of what was sent back.
    Day("2027-02-18", guarantee_is_sent_back, {f"{GF} D-15": "funds"}, f"{NEVER} funds", "old", "cif3"),
    Day("2027-02-22", nothing, {f"{RC} D-7": NEVER}, f"{NEVER} funds", "old", "cif3"),
    Day("2027-02-24", funds_answers, {}, NEVER, "old funds", "cif3"),
    # Of a first validity nothing is asked, and so nothing waits.
    Day("2027-02-25", january_renews, {}, NEVER, "old funds", "cif3"),
    Day("2027-02-26", nothing, {}, NEVER, "old funds", "cif3"),
    Day("2027-03-01", fee_is_claimed, {f"{RC} D+1": NEVER}, "", "old funds january", f"{NEVER} cif3", letters=CLAIMED),
    Day("2027-03-04", paper_is_entered, {}, "", "old funds january paper", "late idle gone cif3",
        letters=CLAIMED),
    Day("2027-03-05", paper_is_confirmed_and_all_accepted, overdue="late idle gone cif3", letters=CLAIMED),
    Day("2027-03-22", late_files, checked="late", overdue="idle gone cif3", letters=CLAIMED),
    Day("2027-03-30", association_remembers, checked="late", overdue="idle gone", letters=CLAIMED),
    Day("2027-03-31", no_case_within_the_tolerance, checked="late", overdue="idle gone", letters=CLAIMED),
    Day("2027-04-01", cases_are_opened, overdue="idle gone", letters={"gone": 1, "fee": 2}),
    Day("2027-04-02", idle_is_formally_told, overdue="idle gone", letters=AFTER_FORMAL),
    Day("2027-04-06", fee_pays, overdue="idle gone", letters=AFTER_FORMAL),
    Day("2027-04-21", gone_is_formally_told, overdue="idle gone", letters=AFTER_BOTH),
    Day("2027-05-03", ended_is_terminated, to_do="ended", overdue="idle gone", letters=AFTER_BOTH),
    Day("2027-05-14", commission_sits, to_do="ended", overdue="idle gone", letters=AFTER_BOTH),
    Day("2027-05-18", decisions_are_notified, {f"{RC} D-45": "ended"}, "ended", "", "idle gone", letters=AFTER_ALL),
    Day("2027-05-20", removals_are_published, to_do="ended", removed="idle gone", letters=AFTER_ALL),
    Day("2027-06-01", nothing, {f"{RC} D-30": "ended"}, "ended", removed="idle gone", letters=AFTER_ALL),
    Day("2027-06-03", ended_is_insured_again, removed="idle gone", letters=AFTER_ALL),
    Day("2027-06-16", nothing, removed="idle gone", letters=AFTER_ALL),
    Day("2027-07-01", nothing, removed="idle gone", letters=AFTER_ALL),
    Day("2027-08-16", nothing, removed="idle gone", letters=AFTER_ALL),
    Day("2027-09-06", idle_comes_back, removed="gone", letters=AFTER_ALL),
    Day("2027-10-04", acpr_strikes_off, removed="gone struck", letters=AFTER_ORDER),
    Day("2027-11-15", nothing, removed="gone struck", letters=AFTER_ORDER),
    Day("2027-12-15", opens_again, {}, f"early old fee ended paper late idle january funds {CIFS}",
        removed="gone struck", letters=AFTER_ORDER),
    Day("2027-12-17", nothing, {f"{RC} D-45": CIFS}, f"early old fee ended paper late idle january funds {CIFS}",
        removed="gone struck", letters=AFTER_ORDER),
    Day("2028-01-03", insurers_renew_tacitly, {}, "old paper late idle january funds",
        removed="gone struck", letters=AFTER_ORDER),
    Day("2028-01-17", nothing, {f"{RC} D-45": "old paper late idle january", f"{GF} D-45, {RC} D-45": "funds"},
        "old paper late idle january funds", removed="gone struck", letters=AFTER_ORDER),
    # Three days later the same wave runs anew by the moved date, and everyone has had it (I2).
    Day("2028-01-21", days_of_our_outage_are_given_back, {}, "old paper late idle january funds",
        removed="gone struck", letters=AFTER_ORDER),
    Day("2028-02-02", most_file, {f"{RC} D-30": "late", f"{GF} D-30, {RC} D-30": "funds"}, "late funds",
        removed="gone struck", letters=AFTER_ORDER),
    Day("2028-02-16", funds_files_both, {}, "late", "funds", removed="gone struck", letters=AFTER_ORDER),
    Day("2028-02-17", funds_are_accepted, {f"{RC} D-15": "late"}, "late", removed="gone struck", letters=AFTER_ORDER),
    Day("2028-02-25", nothing, {f"{RC} D-7": "late"}, "late", removed="gone struck", letters=AFTER_ORDER),
    Day("2028-02-29", nothing, {}, "late", removed="gone struck", letters=AFTER_ORDER),
    # His cover has ended, and his time has not: the outage gave him until 3 March.
    Day("2028-03-01", nothing, {f"{RC} D-2": "late"}, "late", removed="gone struck", letters=AFTER_ORDER),
    Day("2028-03-03", late_files_on_the_day_given_back, {}, "", "late", removed="gone struck", letters=AFTER_ORDER),
    Day("2028-03-06", nothing, {}, "", "late", removed="gone struck", letters=AFTER_ORDER),
    Day("2028-03-10", late_is_accepted, removed="gone struck", letters=AFTER_ORDER),
    Day("2028-04-03", nothing, removed="gone struck", letters=AFTER_ORDER),
)  # fmt: skip


def test_i2_i3_i8_i11_i12_a_renewal_year_from_its_opening_to_the_aftermath(year: Year) -> None:
    for day in STORY:
        live(year, day)
    assert "early" not in {sent.recipient.partition("@")[0] for sent in year.transport.sent}
    five_years_later(year)


def five_years_later(year: Year) -> None:
    """The file of who was removed and never came back may be destroyed, and no other; its number stays taken."""
    gone, last = year.people["gone"], date(2032, 5, 20)
    assert list_purgeable(as_of=last).files == ()
    year.now += last + timedelta(days=1) - year.day
    listed = list_purgeable(as_of=year.day)
    assert [number for _, number, _ in listed.files] == [gone.orias_number]
    purge_files(by=year.alice, approved_by=year.bruno, now=year.now, as_of=year.day, list_hash=listed.hash)
    gone.refresh_from_db()
    assert (gone.name, gone.email, gone.covers.count(), gone.letters.count()) == ("Dossier détruit", "", 0, 0)
    # Its mails still count in the sums of their batches (I8), and name nobody.
    assert set(gone.notices.values_list("email", flat=True)) == {"detruite@invalid"}
    year.keeps_what_always_holds()
