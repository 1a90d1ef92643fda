"""Removal cases: what may go on today and what is in the way, each step by the person who may take it, its letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import clock
from registry.actions import RegisterError
from registry.actions.cases import (
    hold_case,
    lock_case,
    notify_by_mail,
    open_case,
    publish_case,
    record_letter_proof,
    resume_case,
    send_step,
    withdraw_case,
)
from registry.kept import reference_of
from registry.models import CaseProof, Intermediary, Letter, ReferenceVersion, Registration, RemovalCase
from registry.removals import NextStep, next_steps
from registry.rules.categories import Category
from registry.rules.letters import LetterKind
from registry.rules.removals import (
    CASE_TRANSITIONS,
    LIVE_CASE_STATES,
    CaseState,
    Ground,
    ProofKind,
    refusal_in_words,
)
from reminders.errors import ReminderError
from reminders.planning.proofs import find_mail
from web.access import SEE_FILES, Rights, page, staff
from web.attached import attached

SEES = (SEE_FILES, "registry.view_removalcase")
OPENS, SIGNS = "registry.change_registration", "registry.sign_removal"
A_PAGE = 50
LONGEST_REASON = 500
BIGGEST = 2**63 - 1
PROVABLE = (ProofKind.POSTED, ProofKind.DELIVERED, ProofKind.UNCLAIMED, ProofKind.RETURNED)


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The cases under way, with what comes next for each and what is in its way."""
    after = request.GET.get("apres", "")
    cases = _cases().filter(state__in=[s.value for s in LIVE_CASE_STATES]).order_by("id")
    cases = cases.filter(id__gt=int(after)) if after.isdecimal() and len(after) < len(str(BIGGEST)) else cases
    found = list(cases[: A_PAGE + 1])
    context = {
        "section": "removals",
        "rows": _told(found[:A_PAGE]),
        "more": found[A_PAGE - 1].pk if len(found) > A_PAGE else "",
    }
    return page(request, "web/staff/removals/index.html", context)


def _cases() -> Any:
    version = Subquery(ReferenceVersion.objects.filter(id=1).values("version"))
    people = ("intermediary__merged_into", "registration", "opened_by", "moved_by")
    return RemovalCase.objects.select_related(*people).annotate(reference_version=version)


def _told(cases: list[Any]) -> list[dict[str, Any]]:
    if not cases:
        return []
    reference = reference_of(cases[0].reference_version)
    steps = next_steps(cases, clock.local_day(clock.now()), reference=reference)
    return [_row(case, steps[case.pk]) for case in cases]


def _row(case: RemovalCase, step: NextStep) -> dict[str, Any]:
    return {
        "case": case,
        "state": CaseState(case.state),
        "ground": Ground(case.ground),
        "step": step,
        "refusal": refusal_in_words(step.decision),
    }


@require_safe
@staff(*SEES)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: where it stands, its letters, and the acts that are possible."""
    return _show(request, case_id)


def _show(request: HttpRequest, case_id: int, *, status: int = 200, **told: Any) -> HttpResponse:
    with_letters = _cases().annotate(letter_rows=_LETTERS, proof_rows=_PROOFS)
    found = with_letters.filter(pk=min(case_id, BIGGEST)).first()
    if found is None:
        raise Http404
    [row] = _told([found])
    after = CASE_TRANSITIONS[row["state"]]
    context = row | {
        "section": "removals",
        "letters": [_letter(one, found.proof_rows) for one in found.letter_rows],
        "after": {state.value for state in after},
        "is_opener": found.opened_by_id == request.user.pk,
        "kinds": PROVABLE,
    }
    return page(request, "web/staff/removals/case.html", context | told, status=status)


_OF_CASE = {"case": OuterRef("pk")}
_LETTERS = ArraySubquery(
    Letter.objects.filter(**_OF_CASE)
    .order_by("id")
    .values(row=JSONObject(number=F("number"), kind=F("kind"), dated_on=F("dated_on")))
)
_PROOFS = ArraySubquery(
    CaseProof.objects.filter(**_OF_CASE)
    .order_by("id")
    .values(row=JSONObject(letter=F("letter__number"), kind=F("kind"), on=F("happened_on"), reference=F("reference")))
)


def _letter(one: dict[str, str], proofs: list[dict[str, str]]) -> dict[str, Any]:
    mine = [p for p in proofs if p["letter"] == one["number"]]
    return {
        "number": one["number"],
        "kind": LetterKind(one["kind"]),
        "dated_on": date.fromisoformat(one["dated_on"]),
        "proofs": [(ProofKind(p["kind"]), date.fromisoformat(p["on"]), p["reference"]) for p in mine],
    }


@require_safe
@staff(*SEES)
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """A letter as it was printed."""
    found = Letter.objects.filter(number=number).first()
    if found is None:
        raise Http404
    return attached(bytes(found.pdf), f"{found.number}.pdf")


@dataclass(frozen=True, slots=True)
class Asked:
    """An act on a case: by whom, when, why, and the rest of the form."""

    by: User
    now: datetime
    why: str
    form: Any


@dataclass(frozen=True, slots=True)
class Act:
    """What it takes, how it is done on the locked case, what is said after."""

    needs: str
    do: Callable[[RemovalCase, Asked], Any]
    said: str


def _send(target: CaseState) -> Callable[[RemovalCase, Asked], Any]:
    def act(case: RemovalCase, asked: Asked) -> RemovalCase:
        why = asked.why or target.label.lower()
        return send_step(by=asked.by, why=why, now=asked.now, case=case, target=target)

    return act


def _by_mail(case: RemovalCase, asked: Asked) -> RemovalCase:
    """A reminder that told of the same missing cover is the notice, from the day on which it left."""
    try:
        mail = find_mail(case, clock.local_day(asked.now))
    except ReminderError as error:
        raise RegisterError(str(error)) from None
    why = asked.why or f"relance {mail.key[:8]} du {mail.mailed_on}"
    return notify_by_mail(by=asked.by, why=why, now=asked.now, case=case, key=mail.key, mailed_on=mail.mailed_on)


def _publish(case: RemovalCase, asked: Asked) -> RemovalCase:
    return publish_case(by=asked.by, why=asked.why or "publication", now=asked.now, case=case)


def _hold(case: RemovalCase, asked: Asked) -> RemovalCase:
    return hold_case(by=asked.by, why=_said(asked), now=asked.now, case=case)


def _resume(case: RemovalCase, asked: Asked) -> RemovalCase:
    return resume_case(by=asked.by, why=_said(asked), now=asked.now, case=case)


def _withdraw(case: RemovalCase, asked: Asked) -> RemovalCase:
    return withdraw_case(by=asked.by, why=asked.why, now=asked.now, case=case)


def _said(asked: Asked) -> str:
    if not asked.why:
        raise RegisterError("Dites pourquoi\u00a0: le motif est obligatoire.")
    return asked.why


def _prove(case: RemovalCase, asked: Asked) -> Any:
    found = Letter.objects.filter(case=case.pk, number=asked.form.get("letter", "")).first()
    kind = asked.form.get("kind", "")
    if found is None or kind not in {one.value for one in PROVABLE}:
        raise RegisterError("Choisissez la lettre, et ce qu’elle est devenue.")
    return record_letter_proof(
        by=asked.by,
        why=f"lettre {found.number}",
        now=asked.now,
        letter=found,
        kind=ProofKind(kind),
        happened_on=_day(asked.form.get("day", "")),
        reference=asked.form.get("reference", "").strip()[:60],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegisterError("Donnez le jour, par exemple 2027-03-15.") from None


ACTS = {
    "avis": Act(OPENS, _send(CaseState.NOTICE), "Avis écrit\u00a0: il compte une fois son dépôt enregistré."),
    "relance": Act(OPENS, _by_mail, "La relance déjà partie vaut avis\u00a0: le délai court de son jour."),
    "demeure": Act(OPENS, _send(CaseState.FORMAL), "Mise en demeure écrite\u00a0: elle compte une fois déposée."),
    "notifier": Act(OPENS, _send(CaseState.LETTER), "Lettre de décision écrite\u00a0: elle compte une fois déposée."),
    "publier": Act(SIGNS, _publish, "Suppression publiée."),
    "suspendre": Act(OPENS, _hold, "Affaire suspendue."),
    "reprendre": Act(OPENS, _resume, "Affaire reprise."),
    "retirer": Act(OPENS, _withdraw, "Affaire retirée."),
    "preuve": Act(OPENS, _prove, "Preuve enregistrée."),
}


@require_POST
@staff(*SEES)
def act(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """Do it, where the case is still in the state that was shown; a refusal is told on its page."""
    wanted, found = ACTS.get(act), RemovalCase.objects.filter(pk=min(case_id, BIGGEST)).first()
    if wanted is None or found is None:
        raise Http404
    rights: Rights = request.rights  # type: ignore[attr-defined]
    if wanted.needs not in rights:
        return page(request, "web/staff/forbidden.html", {}, status=403)
    asked = Asked(rights.user, clock.now(), request.POST.get("reason", "").strip()[:LONGEST_REASON], request.POST)
    try:
        after = _as_shown(found, wanted, asked)
    except RegisterError as error:
        return _show(request, found.pk, status=409, error=str(error), refused=act, typed=asked.why)
    if after == CaseState.WITHDRAWN and act != "retirer":
        messages.warning(request, "Le dossier est revenu en règle\u00a0: l’affaire est retirée, rien n’a été fait.")
    else:
        messages.success(request, wanted.said)
    return HttpResponseRedirect(reverse("web:removal", args=[found.pk]), status=303)


def _as_shown(found: RemovalCase, wanted: Act, asked: Asked) -> str:
    """The state after the act, done under the lock of a case that is still where it was shown."""
    with transaction.atomic():
        locked = lock_case(found.pk)
        if locked.state != asked.form.get("state", ""):
            raise RegisterError("L’affaire a avancé depuis\u00a0: la voici telle qu’elle est, relisez avant d’agir.")
        wanted.do(locked, asked)
        return RemovalCase.objects.values_list("state", flat=True).get(pk=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(*SEES, OPENS)
def begin(request: HttpRequest) -> HttpResponse:
    """Open a case about one registration, or about the person."""
    if request.method != "POST":
        return _form(request, {"number": request.GET.get("numero", "")[:8]})
    given = {name: request.POST.get(name, "").strip() for name in ("number", "category", "ground", "year", "reason")}
    rights: Rights = request.rights  # type: ignore[attr-defined]
    try:
        made = _open(given, rights.user)
    except RegisterError as error:
        return _form(request, given, str(error), status=409)
    messages.success(request, "Affaire ouverte\u00a0: rien n’est encore dit à personne.")
    return HttpResponseRedirect(reverse("web:removal", args=[made.pk]), status=303)


def _open(given: dict[str, str], by: User) -> RemovalCase:
    person = Intermediary.objects.filter(orias_number=given["number"]).first()
    if person is None:
        raise RegisterError("Ce numéro ORIAS n’est pas au registre\u00a0: vérifiez ses huit chiffres.")
    registration = None
    if given["category"]:
        registration = Registration.objects.filter(intermediary=person, category=given["category"]).first()
        if registration is None:
            raise RegisterError(f"{person.orias_number} n’a jamais été inscrit dans cette catégorie.")
    if given["ground"] not in Ground.__members__:
        raise RegisterError("Choisissez le motif légal.")
    ground = Ground(given["ground"])
    return open_case(
        by=by,
        now=clock.now(),
        intermediary=person,
        registration=registration,
        ground=ground,
        reason=given["reason"][:LONGEST_REASON],
        year=_year(given["year"]) if ground.is_of_a_renewal else None,
    )


def _year(text: str) -> int:
    if not (text.isdecimal() and len(text) == len("2027")):
        raise RegisterError("Ce motif est celui d’une campagne\u00a0: donnez son année.")
    return int(text)


def _form(request: HttpRequest, given: dict[str, str], error: str = "", *, status: int = 200) -> HttpResponse:
    context = {
        "section": "removals",
        "given": given,
        "categories": list(Category),
        "grounds": list(Ground),
        "error": error,
    }
    return page(request, "web/staff/removals/open.html", context, status=status)
