"""Writers of renewal requests: opened for all concerned, filed by each way; a paper by two people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from registry.actions.recording import RegisterError, recording
from registry.facts import load_files, load_reference
from registry.findings import refresh_findings, store_findings
from registry.models import RenewalCampaign, RenewalRequest
from registry.renewals import load_fee_rates
from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category
from registry.rules.renewals import FilingChannel, RenewalState, fee_on

# The set-based twin of registry.rules.renewals.is_concerned.
_CONCERNED = """
    SELECT r.id, r.category
    FROM registry_registration r
    WHERE r.registered_on < make_date(%(year)s, 1, 1) AND r.registered_on <= %(day)s
      AND (r.removed_on IS NULL OR r.removed_on > %(day)s)
"""
_HELD = "SELECT FROM registry_renewalrequest q WHERE q.registration_id = c.id AND q.campaign_id = %(campaign)s"
_COUNT = f"""
WITH concerned AS ({_CONCERNED})
SELECT c.category, count(*), count(*) FILTER (WHERE EXISTS ({_HELD})) FROM concerned c
GROUP BY c.category ORDER BY c.category
"""
_OPEN = f"""
WITH concerned AS ({_CONCERNED})
INSERT INTO registry_renewalrequest (registration_id, campaign_id, state, opened_on, channel, payment_reference)
SELECT c.id, %(campaign)s, 'OPEN', %(day)s, '', '' FROM concerned c ORDER BY c.id
ON CONFLICT (registration_id, campaign_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """By category, how many registrations a campaign concerns, and for how many a request was there before."""

    concerned: dict[str, int]
    there_before: dict[str, int]

    @property
    def to_open(self) -> dict[str, int]:
        """How many requests that leaves."""
        return {category: n - self.there_before[category] for category, n in self.concerned.items()}


def count_renewals(*, year: int, day: date) -> Opening:
    """What `open_renewals` would find; nothing is written. Raises RegisterError as it does."""
    campaign = _open_campaign(year, day)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"year": year, "day": day, "campaign": campaign})
        rows = cursor.fetchall()
    return Opening({c: n for c, n, _ in rows}, {c: there for c, _, there in rows})


def open_renewals(*, by: AbstractBaseUser | None, why: str, day: date, year: int) -> Opening:
    """Open a request for each registration that the campaign of `year` concerns and that has none yet.

    May be repeated: who was concerned later is added, nobody gets a second one. Raises RegisterError before the
    campaign's opening, and where there is no such campaign.
    """
    with recording(by=by, why=why):
        opening = count_renewals(year=year, day=day)
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, {"year": year, "day": day, "campaign": _open_campaign(year, day)})
            opened = cursor.rowcount
        if opened:
            refresh_findings(as_of=day)
        return opening


def _open_campaign(year: int, day: date) -> int:
    pk = RenewalCampaign.objects.filter(year=year).values_list("id", flat=True).first()
    if pk is None:
        raise RegisterError(f"Aucune campagne {year} au registre\u00a0: créez-la d’abord.")
    opens_on = _dates(year).opens_on
    if day < opens_on:
        raise RegisterError(f"La campagne {year} n’ouvre que le {opens_on}\u00a0: attendez ce jour, ou décalez-la.")
    return pk


def _dates(year: int) -> CampaignDates:
    return next(c for c in load_reference().campaigns if c.year == year)


@dataclass(frozen=True, slots=True)
class Filing:
    """The fate of one line of a filing: the request, or why it was not filed."""

    orias_number: str
    category: Category
    request: RenewalRequest | None
    refusal: str = ""


def file_renewal(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    year: int,
    orias_number: str,
    category: Category,
    channel: FilingChannel,
    filed_on: date,
) -> RenewalRequest:
    """File one request: it counts from `filed_on`, except on paper, which a second person confirms first.

    `day` is that of the entry. The fee asked is that of the day of the deposit. Raises RegisterError with what to do.
    """
    with recording(by=by, why=why):
        request = find_request(orias_number, category, year, lock=True)
        refusal = _refusal(request, channel, by, filed_on, day)
        if refusal:
            raise RegisterError(f"{orias_number} {category}\u00a0: {refusal}")
        _file(request, channel, by, filed_on, day)
        store_findings(request.registration.intermediary_id, as_of=day)
        return request


def file_renewals(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    year: int,
    lines: Iterable[tuple[str, Category]],
    channel: FilingChannel,
    filed_on: date,
) -> list[Filing]:
    """File the requests of these (number, category) lines, as a principal or an association does: each line's fate.

    What cannot be filed is told and left as it is; the rest is filed, in one transaction.
    """
    told: list[Filing] = []
    with recording(by=by, why=why):
        for orias_number, category in lines:
            told.append(_file_line(orias_number, category, year, channel, by, filed_on, day))
        filed = {line.request.registration.intermediary_id for line in told if line.request}
        if filed:
            refresh_findings(as_of=day, ids=sorted(filed))
    return told


def _file_line(
    orias_number: str,
    category: Category,
    year: int,
    channel: FilingChannel,
    by: AbstractBaseUser | None,
    filed_on: date,
    day: date,
) -> Filing:
    try:
        request = find_request(orias_number, category, year, lock=True)
    except RegisterError as error:
        return Filing(orias_number, category, None, str(error))
    refusal = _refusal(request, channel, by, filed_on, day)
    if refusal:
        return Filing(orias_number, category, None, refusal)
    _file(request, channel, by, filed_on, day)
    return Filing(orias_number, category, request)


def find_request(orias_number: str, category: Category, year: int, *, lock: bool = False) -> RenewalRequest:
    """The request of a registration in a campaign; `lock` locks its row. Raises RegisterError where there is none."""
    requests = RenewalRequest.objects.select_related("registration__intermediary", "campaign")
    if lock:
        requests = requests.select_for_update(of=("self",))
    found = requests.filter(
        registration__intermediary__orias_number=orias_number,
        registration__category=category.value,
        campaign__year=year,
    ).first()
    if found is None:
        raise RegisterError(
            f"Aucune demande {year} ouverte pour {orias_number} en {category}\u00a0: vérifiez le numéro et la "
            f"catégorie, ou ouvrez les demandes (open_renewals {year} --apply)."
        )
    return found


def _refusal(
    request: RenewalRequest, channel: FilingChannel, by: AbstractBaseUser | None, filed_on: date, day: date
) -> str:
    if request.state != RenewalState.OPEN:
        return f"cette demande est déjà «\u00a0{RenewalState(request.state).label.lower()}\u00a0» ({request.filed_on})."
    if filed_on > day:
        return f"un dépôt ne peut pas être daté du {filed_on}, après sa saisie ({day})."
    if channel is FilingChannel.PAPER and by is None:
        return "un dépôt papier est saisi par une personne\u00a0: indiquez qui."
    facts = load_files([request.registration.intermediary_id])[request.registration.intermediary_id]
    mine = next(r for r in facts.registrations if r.category == request.registration.category)
    if mine.is_removed(day):
        return "cette inscription est supprimée\u00a0: une nouvelle demande d’inscription est nécessaire."
    if not channel.is_open_to(mine):
        return f"ce n’est pas {channel.label.lower().removeprefix('par ')} qui dépose pour cette inscription."
    return ""


def _file(
    request: RenewalRequest, channel: FilingChannel, by: AbstractBaseUser | None, filed_on: date, day: date
) -> None:
    on_paper = channel is FilingChannel.PAPER
    request.state = (RenewalState.ENTERED if on_paper else RenewalState.FILED).value
    request.channel, request.filed_on, request.entered_on = channel.value, filed_on, day
    request.entered_by_id = by.pk if by else None
    request.fee_cents = fee_on(Category(request.registration.category), filed_on, load_fee_rates())
    request.save()


def confirm_paper(
    *, by: AbstractBaseUser, why: str, day: date, request: RenewalRequest, filed_on: date
) -> RenewalRequest:
    """Confirm a deposit on paper: another person read the same day on it. From here on that day counts (I12).

    Raises RegisterError where it is the same person, another day, or nothing waits.
    """
    with recording(by=by, why=why):
        waiting = _lock_entered(request)
        if waiting.entered_by_id == by.pk:
            raise RegisterError("Un dépôt papier est confirmé par une autre personne que celle qui l’a saisi.")
        if waiting.filed_on != filed_on:
            raise RegisterError(
                f"Le dépôt a été saisi au {waiting.filed_on}, et vous lisez {filed_on}\u00a0: "
                "comparez avec le papier, et renvoyez la saisie si elle est fausse."
            )
        waiting.state, waiting.confirmed_by_id, waiting.confirmed_on = RenewalState.FILED.value, by.pk, day
        waiting.save()
        store_findings(waiting.registration.intermediary_id, as_of=day)
        return waiting


def send_back_paper(*, by: AbstractBaseUser, why: str, day: date, request: RenewalRequest) -> RenewalRequest:
    """Undo the entry of a paper that was entered wrongly: the request is open again, to be entered anew."""
    with recording(by=by, why=why):
        waiting = _lock_entered(request)
        waiting.state, waiting.channel = RenewalState.OPEN.value, ""
        waiting.filed_on = waiting.entered_on = waiting.fee_cents = waiting.entered_by_id = None
        waiting.save()
        store_findings(waiting.registration.intermediary_id, as_of=day)
        return waiting


def _lock_entered(request: RenewalRequest) -> RenewalRequest:
    locked = RenewalRequest.objects.select_for_update(of=("self",)).select_related("registration").get(pk=request.pk)
    if locked.state != RenewalState.ENTERED:
        raise RegisterError(
            f"Aucun dépôt papier n’attend pour cette demande\u00a0: elle est "
            f"«\u00a0{RenewalState(locked.state).label.lower()}\u00a0»."
        )
    return locked
