"""A small register that lives a renewal year, and the office that keeps it: each act is one call of a real writer.

The clock is moved by hand from one decisive day to the next. Each day has its morning: the acts of the day, the plan
of the queue's tick, two people who approve and release it, and the workers' sending into a transport that records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count

from registry import actions
from registry.actions import affiliations, cases, issuers, orders, pushes, sessions
from registry.actions.files import RegistrationTerms
from registry.clock import PARIS
from registry.facts import load_files, load_reference
from registry.findings import stale_files
from registry.models import Cover, FeeRate, Intermediary, Issuer, Letter, Registration, RemovalCase, RenewalRequest
from registry.models.cover import Channel
from registry.models.registration import Authority, DecisionKind
from registry.public import PublicStatus, public_entry, published
from registry.renewals import renewals_of
from registry.rules.affiliations import BodyKind
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.commission import Choice
from registry.rules.facts import CoverEventKind
from registry.rules.file_state import FileStatus, assess_file
from registry.rules.issuers import policy_key
from registry.rules.pushes import Fate, PushedCover, PushedEvent
from registry.rules.removals import CaseState, Ground, ProofKind
from registry.rules.renewals import FilingChannel, ItemKind, RenewalItem
from reminders import tasks
from reminders.models import Batch, Notice, NoticeItem
from reminders.planning.approval import approve_batch, release_batch
from reminders.planning.proofs import find_mail
from reminders.rules.states import NoticeState
from tests.factories import CoverPaperFactory
from tests.reminders.scenes import RecordingTransport, person
from tests.removing import members

OLD_TERM, TERM, NEXT_TERM = date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)
ENOUGH = {CoverKind.RC_PRO: (156_461_000, 231_561_000), CoverKind.FINANCIAL_GUARANTEE: (11_500_000, None)}
"""Euro cents: what any category asks, per claim and per year."""
FEE = 2_500
INSURER = "Mutuelle d’essai"
PEOPLE = {
    "early": "COA", "old": "IOB", "fee": "COA", "ended": "COA", "funds": "COA", "paper": "COA", "late": "COA",
    "idle": "COA", "gone": "COA", "struck": "COA", "cif1": "CIF", "cif2": "CIF", "cif3": "CIF",
}  # fmt: skip
"""Those who are registered when the story begins; `january` comes later."""


@dataclass
class Year:
    """The register on a day of the story; `now` is the clock of everything."""

    now: datetime = datetime(2026, 12, 1, 10, tzinfo=PARIS)
    transport: RecordingTransport = field(default_factory=RecordingTransport)
    people: dict[str, Intermediary] = field(default_factory=dict)
    case: dict[str, RemovalCase] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """Today."""
        return self.now.date()

    @property
    def alice(self) -> User:
        """Who enters."""
        return person("alice")

    @property
    def bruno(self) -> User:
        """The second person."""
        return person("bruno")

    # --- the register ---

    def begins(self) -> None:
        """Who is registered on 1 December 2026, each covered to the end of February 2027, and what a category costs."""
        members()
        for known in Category:
            FeeRate.objects.create(category=known, valid_from=date(2020, 1, 1), amount_cents=FEE, source="essai")
        issuers.record_issuer(by=self.alice, why="essai", code="MUTUELLE", name=INSURER)
        affiliations.record_body(
            by=self.alice, why="essai", code="ANACIF", kind=BodyKind.ASSOCIATION, name="Association d’essai"
        )
        for place, (name, category) in enumerate(PEOPLE.items(), 1):
            self.registers(name, f"0700{place:04d}", Category(category), date(2015, 6, 5))
            kinds = CoverKind if name == "funds" else [CoverKind.RC_PRO]
            for kind in kinds:
                self.deposits(name, kind, start=date(2026, 3, 1), accepted=True)

    def registers(self, name: str, number: str, category: Category, day: date) -> None:
        """Somebody is registered from `day` on."""
        made = actions.record_intermediary(
            by=self.alice, why="inscription", orias_number=number, name=f"Cabinet {name}",
            email=f"{name}@example.org", address="1 rue de l’Essai", postcode="27290", town="Montfort",
        )  # fmt: skip
        terms = RegistrationTerms(
            holds_client_funds=name == "funds",
            filer=Filer.ASSOCIATION if category is Category.CIF else Filer.SELF,
        )
        actions.record_registration(
            by=self.alice, why="inscription", day=self.day, intermediary=made, category=category, registered_on=day,
            terms=terms,
        )  # fmt: skip
        self.people[name] = made

    def registration(self, name: str) -> Registration:
        """The one registration of somebody."""
        return Registration.objects.select_related("intermediary").get(intermediary=self.people[name])

    # --- what intermediaries do ---

    def files(self, *names: str, year: int, channel: FilingChannel = FilingChannel.ONLINE, **values: Any) -> None:
        """Each files its renewal request, and pays unless `paid=False`."""
        given = {"filed_on": self.day} | {k: v for k, v in values.items() if k != "paid"}
        for name in names:
            mine = self.registration(name)
            request = actions.file_renewal(
                by=self.alice, why="dépôt", day=self.day, year=year, channel=channel,
                orias_number=mine.intermediary.orias_number, category=Category(mine.category), **given,
            )  # fmt: skip
            if values.get("paid", True) and channel is not FilingChannel.PAPER:
                self.pays(request)

    def pays(self, request: RenewalRequest) -> None:
        """The fee arrives today."""
        actions.record_fee(
            by=self.alice, why="règlement", day=self.day, request=request, amount_cents=FEE, paid_on=self.day,
            reference=f"VIR-{request.pk}",
        )  # fmt: skip

    def request(self, name: str, year: int) -> RenewalRequest:
        """The renewal request of somebody."""
        return RenewalRequest.objects.get(registration__intermediary=self.people[name], campaign__year=year)

    def deposits(
        self, name: str, kind: CoverKind = CoverKind.RC_PRO, *, start: date, end: date | None = None,
        accepted: bool = False, channel: Channel = Channel.PORTAL, deposited_on: date | None = None,
    ) -> Cover:  # fmt: skip
        """A certificate from `start` to the end of a February, with its document, to be reviewed unless `accepted`."""
        mine = self.registration(name)
        amount, annual = ENOUGH[kind]
        cover = actions.record_cover(
            by=self.alice, why="dépôt", day=self.day, intermediary=mine.intermediary, kind=kind,
            categories=[Category(mine.category)], starts_on=start, ends_on=end or _february_after(start),
            deposited_on=deposited_on or self.day, amount_cents=amount, annual_cents=annual, issuer=INSURER,
            policy=f"P-{name}-{kind}", channel=channel,
        )  # fmt: skip
        if accepted:
            actions.accept_cover(by=self.alice, why="reprise", day=self.day, cover=cover)
        else:
            CoverPaperFactory.create(cover=cover, attached_on=self.day)
        return cover

    def last_cover(self, name: str) -> Cover:
        """The certificate that somebody deposited last."""
        return Cover.objects.filter(intermediary=self.people[name]).order_by("-id")[0]

    def insurer_pushes(self, *names: str, start: date) -> None:
        """The insurer hands in the next certificate of each: no person checks it."""
        rows = [
            PushedCover(
                self.people[name].orias_number, CoverKind.RC_PRO, policy := f"P-{name}-{CoverKind.RC_PRO}",
                policy_key(policy), frozenset({Category(self.registration(name).category)}), start,
                _february_after(start), *ENOUGH[CoverKind.RC_PRO],
            )
            for name in names
        ]  # fmt: skip
        fates = pushes.push_lot(by=self.alice, why="lot", now=self.now, issuer=Issuer.objects.get(), rows=rows)
        assert {ruling.fate for ruling in fates} == {Fate.NEW}, fates

    def insurer_ends(self, name: str, effective_on: date) -> None:
        """The insurer terminates somebody's policy."""
        policy = f"P-{name}-{CoverKind.RC_PRO}"
        row = PushedEvent(
            self.people[name].orias_number, CoverKind.RC_PRO, policy, policy_key(policy), CoverEventKind.TERMINATED,
            effective_on,
        )  # fmt: skip
        (ruling,) = pushes.push_lot(by=self.alice, why="lot", now=self.now, issuer=Issuer.objects.get(), rows=[row])
        assert ruling.fate is Fate.NEW, ruling

    # --- cases of removal ---

    def opens_case(self, name: str, ground: Ground = Ground.COVER, year: int | None = None) -> None:
        """A case against somebody."""
        mine = self.registration(name)
        self.case[name] = cases.open_case(
            by=self.alice, now=self.now, intermediary=mine.intermediary, registration=mine, ground=ground,
            reason="constat de fin de campagne", year=year,
        )  # fmt: skip

    def notice_was_a_reminder(self, name: str) -> None:
        """The mail of the ledger that told of the missing cover stands for the notice."""
        mail = find_mail(self.case[name], self.day)
        self.case[name] = cases.notify_by_mail(
            by=self.alice, why="relance", now=self.now, case=self.case[name], key=mail.key, mailed_on=mail.mailed_on
        )

    def writes(self, name: str, target: CaseState) -> RemovalCase:
        """The letter of a step, posted the same day; or the case is withdrawn instead."""
        moved = cases.send_step(by=self.alice, why="étape", now=self.now, case=self.case[name], target=target)
        self.case[name] = moved
        if moved.state == target:
            letter = Letter.objects.filter(case=moved).order_by("-id")[0]
            cases.record_letter_proof(
                by=self.alice, why="dépôt", now=self.now, letter=letter, kind=ProofKind.POSTED, happened_on=self.day,
                reference=f"1A {letter.pk}",
            )  # fmt: skip
        return moved

    def session_decides(self, *names: str) -> None:
        """The commission sits, alice enters the votes, bruno signs them."""
        votes = {self.case[name].pk: dict.fromkeys(("m1", "m2", "m3"), Choice.FOR) for name in names}
        held = sessions.record_session(by=self.alice, why="séance", now=self.now, held_on=self.day, votes=votes)
        sessions.sign_session(by=self.bruno, why="signature", now=self.now, session=held, digest=held.digest)

    def publishes(self, *names: str) -> None:
        """The removal is published by the second person."""
        for name in names:
            cases.publish_case(by=self.bruno, why="publication", now=self.now, case=self.case[name])

    def authority_strikes_off(self, name: str) -> None:
        """An order of the ACPR, entered by one and confirmed by another."""
        order = orders.record_order(
            by=self.alice, now=self.now, intermediary=self.people[name], registration=None,
            kind=DecisionKind.STRIKING_OFF, authority=Authority.ACPR, act_reference="2027-C-9", dated_on=self.day,
            effective_on=self.day, reason="essai",
        )  # fmt: skip
        orders.confirm_order(by=self.bruno, now=self.now, order=order, act_reference=order.act_reference)

    # --- the day's batch ---

    def mails(self) -> dict[str, str]:
        """Plan, approve, release and send today's batch; to whom it spoke, of what, as « early: RC_PRO D-30 »."""
        before = len(self.transport.sent)
        assert stale_files() == 0, "I9: somebody wrote, and what is stored did not follow"
        assert tasks.verify_tonight().endswith(" 0 differences")
        tasks.plan_today()
        for batch in Batch.objects.filter(state="DRAFT", as_of=self.day):
            approve_batch(batch_id=batch.pk, by=self.bruno, list_hash=batch.hash, count=batch.planned, now=self.now)
            release_batch(batch_id=batch.pk, by=self.alice, now=self.now)
        tasks.deliver_now()
        keys = [sent.key for sent in self.transport.sent[before:]]
        whose = {one.pk: name for name, one in self.people.items()}
        items = NoticeItem.objects.filter(notice__key__in=keys).order_by("kind", "wave")
        told: dict[str, list[str]] = {}
        for item in items.select_related("notice"):
            told.setdefault(whose[item.intermediary_id], []).append(f"{item.kind} {item.wave}")
        assert len(told) == len(keys), "a message left that the ledger does not know"
        return {name: ", ".join(said) for name, said in told.items()}

    # --- what is said of everybody ---

    def status(self) -> dict[str, FileStatus]:
        """Where each file stands today, by the rules on the source rows."""
        reference, files = load_reference(), load_files([one.pk for one in self.people.values()])
        return {name: assess_file(files[one.pk], reference, self.day).status for name, one in self.people.items()}

    def removed(self) -> set[str]:
        """Those of whom the public register says that they are removed."""
        entries = {row.orias_number: public_entry(row, self.day) for row in published()}
        return {
            name
            for name, one in self.people.items()
            if {c.status for c in entries[one.orias_number].categories} == {PublicStatus.REMOVED}
        }

    def letters(self) -> dict[str, int]:
        """How many letters each was written so far."""
        counted = Letter.objects.values("intermediary").annotate(n=Count("id"))
        letters = {row["intermediary"]: row["n"] for row in counted}
        return {name: letters[one.pk] for name, one in self.people.items() if one.pk in letters}

    def item(self, name: str, year: int, kind: ItemKind) -> RenewalItem:
        """What is said of one item of somebody's renewal."""
        (renewal,) = renewals_of([self.people[name].pk], year=year, day=self.day)[self.people[name].pk]
        return next(item for item in renewal.items if item.kind is kind)

    def keeps_what_always_holds(self) -> None:
        """I2, I8."""
        held = NoticeItem.objects.filter(held=True).values("intermediary", "kind", "term", "wave")
        assert not held.annotate(n=Count("id")).filter(n__gt=1), "a wave is held twice"
        for batch in Batch.objects.all():
            assert Notice.objects.filter(batch=batch).count() == batch.planned, f"batch {batch.pk} does not add up"
        assert set(Notice.objects.values_list("state", flat=True)) <= {NoticeState.ACCEPTED, NoticeState.SKIPPED}


def _february_after(start: date) -> date:
    """The last day of the February that ends a certificate's period."""
    year = start.year + (start.month > 2)  # noqa: PLR2004
    return date(year, 3, 1) - timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """One decisive day: what people do before the plan of the morning, and what is found after it.

    `mails` tells of what to whom, by name; `to_do`, `checked`, `overdue` and `removed` whose file stands so (everyone
    else's is in order); `letters` how many each was written since the beginning.
    """

    on: str
    act: Callable[[Year], None]
    mails: Mapping[str, str] = field(default_factory=dict)
    to_do: str = ""
    checked: str = ""
    overdue: str = ""
    removed: str = ""
    letters: Mapping[str, int] = field(default_factory=dict)


def live(year: Year, day: Day) -> None:
    """Live a day, and compare what is found with what the day says."""
    year.now = datetime.combine(date.fromisoformat(day.on), time(10), PARIS)
    day.act(year)
    mails = year.mails()
    status = year.status()
    told = {said: set(names.split()) for said, names in day.mails.items()}
    found = {said: {name for name, its in mails.items() if its == said} for said in mails.values()}
    assert found == told, f"{day.on}: the mails, {found}"
    expected = {
        FileStatus.TO_COMPLETE: day.to_do,
        FileStatus.UNDER_REVIEW: day.checked,
        FileStatus.OVERDUE: day.overdue,
        FileStatus.REMOVED: day.removed,
    }
    words = {name: state for state, names in expected.items() for name in names.split()}
    not_as_told = {name: found for name, found in status.items() if found != words.get(name, FileStatus.IN_ORDER)}
    assert not not_as_told, f"{day.on}: the files, {not_as_told}"
    assert year.removed() == set(day.removed.split()), f"{day.on}: the public register"
    assert year.letters() == day.letters, f"{day.on}: the letters, {year.letters()}"
    assert not mails.keys() & {n for n, s in status.items() if s not in OPEN}, "I3"
    year.keeps_what_always_holds()


OPEN = (FileStatus.TO_COMPLETE, FileStatus.OVERDUE)
