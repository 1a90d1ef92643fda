"""Arguments that commands of the register and of the reminders share."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date

from registry.rules.identifiers import parse_orias_number
from registry.rules.problems import Problem, shown

YEARS = range(2000, 2200)
"""Calendars of campaigns run out elsewhere, and nobody means them."""


def iso_day(text: str) -> date:
    """A day for argparse: 2026-02-24."""
    said = f"«\u00a0{shown(text)}\u00a0»"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{said} n’est pas un jour\u00a0: écrivez-le comme 2026-02-24") from None
    if day.year not in YEARS:
        raise ArgumentTypeError(f"{said} est hors du calendrier, qui va de {YEARS[0]} à {YEARS[-1]}")
    return day


def orias_number(text: str) -> str:
    """A number of the register for argparse: eight digits, spaces forgiven."""
    number = parse_orias_number(text, field="")
    if isinstance(number, Problem):
        raise ArgumentTypeError(number.message)
    return number
