"""Brakes (freins): what is judged of a draft before anyone may approve it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.rules.french import counted, grouped
from registry.rules.labels import LabelledEnum


class BrakeLevel(LabelledEnum):
    """GREEN goes; AMBER is acknowledged by name at the approval; RED blocks."""

    GREEN = "GREEN", "vert", "green"
    AMBER = "AMBER", "orange", "amber"
    RED = "RED", "rouge", "red"


NAMED = 10
"""How many ORIAS numbers a brake names."""


@dataclass(frozen=True, slots=True)
class Brake:
    """One judgement, in words for the approver."""

    code: str
    level: BrakeLevel
    message: str


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What the brakes look at: counts of a draft batch and of the world around it.

    `rules_changed` is None where there is no batch before.
    """

    registered: int
    planned: int
    left_out: int
    same_wave_last_year: int | None
    disagreements: tuple[str, ...]
    complete_recipients: tuple[str, ...]
    mailed_lately: int
    stale_files: int
    import_in_progress: bool
    sending_stopped: bool
    may_leave_that_day: bool
    most_shared_address: int
    most_used_domain: int
    rules_changed: bool | None
    open_incidents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits the brakes are set to (own judgement; shares of 1).

    `growth_red_above`: a list of no more than a first step lets leave is never red for its growth, as nothing but a red
    brake is without a way round.
    """

    share_of_register: float = 0.5
    growth_amber: float = 1.5
    growth_red: float = 3.0
    growth_red_above: int = 25
    mailed_lately: float = 0.5
    stale_red: float = 0.01
    shared_address: int = 20
    domain_share: float = 0.5
    domain_at_least: int = 100


def judge(facts: DraftFacts, limits: Limits | None = None) -> tuple[Brake, ...]:
    """Every brake of a draft, in the order in which an approver should read them."""
    return tuple(_judgements(facts, limits or Limits()))


def blocks(brakes: tuple[Brake, ...]) -> tuple[Brake, ...]:
    """Those that forbid the approval."""
    return tuple(b for b in brakes if b.level is BrakeLevel.RED)


def _judgements(facts: DraftFacts, limits: Limits) -> Iterator[Brake]:
    yield _none_may_be(
        "COMPLETE_FILE",
        facts.complete_recipients,
        "aucun destinataire n’a un dossier complet",
        "au dossier complet",
    )
    yield _none_may_be(
        "EVALUATORS_DISAGREE",
        facts.disagreements,
        "les deux évaluations concordent pour chaque destinataire",
        "que les deux évaluations jugent différemment",
    )
    yield _conservation(facts)
    yield _size_against_register(facts, limits)
    yield _size_against_last_year(facts, limits)
    yield _mailed_lately(facts, limits)
    yield _freshness(facts, limits)
    yield import_brake(facts.import_in_progress)
    yield flag("SENDING_STOPPED", facts.sending_stopped, "les envois sont ouverts", "l’arrêt d’urgence est enclenché")
    yield window_brake(facts.may_leave_that_day)
    yield _concentration(facts, limits)
    yield _rules_changed(facts.rules_changed)
    yield _incidents(facts.open_incidents)


def _none_may_be(code: str, found: tuple[str, ...], good: str, bad: str) -> Brake:
    if not found:
        return Brake(code, BrakeLevel.GREEN, good)
    named = ", ".join(found[:NAMED]) + (" …" if len(found) > NAMED else "")
    return Brake(code, BrakeLevel.RED, f"{counted(len(found), 'destinataire')} {bad}\u00a0: {named}")


def import_brake(in_progress: bool) -> Brake:
    """RED while a register file is being applied."""
    if in_progress:
        return Brake("IMPORT_IN_PROGRESS", BrakeLevel.RED, "un import du registre est en cours\u00a0: attendez sa fin")
    return Brake("IMPORT_IN_PROGRESS", BrakeLevel.GREEN, "aucun import en cours")


def flag(code: str, raised: bool, good: str, bad: str) -> Brake:
    """AMBER where `raised`, else GREEN."""
    return Brake(code, BrakeLevel.AMBER if raised else BrakeLevel.GREEN, bad if raised else good)


def window_brake(may_leave_that_day: bool) -> Brake:
    """AMBER where nothing of the batch can leave on its own day any more."""
    return flag(
        "SEND_WINDOW",
        not may_leave_that_day,
        "la plage d’envoi est ouverte ce jour, ou va s’ouvrir",
        "la plage d’envoi ne s’ouvre pas ce jour, ou elle est déjà close",
    )


def _rules_changed(changed: bool | None) -> Brake:
    if changed is None:
        return Brake("RULES_CHANGED", BrakeLevel.GREEN, "aucun lot avant celui-ci\u00a0: relisez les exemples")
    return flag(
        "RULES_CHANGED",
        changed,
        "règles et textes inchangés depuis le lot précédent",
        "règles ou textes modifiés depuis le lot précédent\u00a0: relisez les exemples",
    )


def _incidents(names: tuple[str, ...]) -> Brake:
    told = "\u00a0; ".join(names)
    return flag(
        "OPEN_INCIDENT",
        bool(names),
        "aucun incident en cours",
        f"{told}\u00a0: vérifiez que ce lot n’en est pas touché avant d’approuver",
    )


def _conservation(facts: DraftFacts) -> Brake:
    parts = f"{counted(facts.planned, 'prévu')} + {counted(facts.left_out, 'écarté')}"
    told = f"{parts} = {grouped(facts.registered)} au registre"
    adds_up = facts.planned + facts.left_out == facts.registered
    message = told if adds_up else f"le compte n’y est pas\u00a0: {told}"
    return Brake("CONSERVATION", BrakeLevel.GREEN if adds_up else BrakeLevel.RED, message)


def _size_against_register(facts: DraftFacts, limits: Limits) -> Brake:
    share = facts.planned / facts.registered if facts.registered else 0.0
    level = BrakeLevel.AMBER if share > limits.share_of_register else BrakeLevel.GREEN
    return Brake("SIZE_REGISTER", level, f"{share:.0%} du registre".replace("%", "\u00a0%"))


def _size_against_last_year(facts: DraftFacts, limits: Limits) -> Brake:
    code, before = "SIZE_LAST_YEAR", facts.same_wave_last_year
    if not before:
        return Brake(code, BrakeLevel.GREEN, "aucun lot comparable l’an dernier")
    told = f"{grouped(facts.planned)} contre {grouped(before)} pour les mêmes vagues l’an dernier"
    growth = facts.planned / before
    if growth <= limits.growth_amber:
        return Brake(code, BrakeLevel.GREEN, told)
    if growth <= limits.growth_red or facts.planned <= limits.growth_red_above:
        return Brake(code, BrakeLevel.AMBER, f"{told}\u00a0: vérifiez pourquoi avant d’approuver")
    return Brake(code, BrakeLevel.RED, f"{told}. {_WAY_OUT}")


_WAY_OUT = (
    "Vérifiez le registre et les dates de la campagne, annulez ce lot (cancel_batch), "
    "corrigez, puis planifiez de nouveau"
)


def _mailed_lately(facts: DraftFacts, limits: Limits) -> Brake:
    share = facts.mailed_lately / facts.planned if facts.planned else 0.0
    level = BrakeLevel.AMBER if share > limits.mailed_lately else BrakeLevel.GREEN
    told = counted(facts.mailed_lately, "destinataire déjà relancé", "destinataires déjà relancés")
    return Brake("MAILED_LATELY", level, f"{told} ces sept derniers jours")


def _freshness(facts: DraftFacts, limits: Limits) -> Brake:
    if not facts.stale_files:
        return Brake("REGISTER_STALE", BrakeLevel.GREEN, "tous les constats sont à jour")
    share = facts.stale_files / facts.registered if facts.registered else 1.0
    level = BrakeLevel.RED if share > limits.stale_red else BrakeLevel.AMBER
    message = f"{counted(facts.stale_files, 'dossier')} aux constats périmés\u00a0: lancez verify_register --refresh"
    return Brake("REGISTER_STALE", level, message)


def _concentration(facts: DraftFacts, limits: Limits) -> Brake:
    shared = facts.most_shared_address > limits.shared_address
    crowded = (
        facts.most_used_domain >= limits.domain_at_least
        and facts.most_used_domain > limits.domain_share * facts.planned
    )
    shared_by = counted(facts.most_shared_address, "message")
    message = f"au plus {shared_by} à une adresse, {grouped(facts.most_used_domain)} à un même domaine"
    return Brake("CONCENTRATION", BrakeLevel.AMBER if shared or crowded else BrakeLevel.GREEN, message)
