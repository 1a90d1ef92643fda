"""What is read aloud before the caller is known, and while an incident is open."""

from __future__ import annotations

from collections.abc import Sequence

MOST_SENTENCES = 3


def before_the_check(name: str, standing: Sequence[str]) -> tuple[str, ...]:
    """What anyone may hear of somebody: `standing` is of the public register, « inscrit comme COA »."""
    told = f"{name} est {_listed(standing)} au registre." if standing else f"{name} n’est pas inscrit au registre."
    asked = "Pour vous parler de ce dossier, il me faut deux de ces éléments\u00a0: le numéro ORIAS, le SIREN, "
    return told, f"{asked}le nom du contact, la fin du numéro de police."


def before_the_check_in_english(name: str, standing: Sequence[str]) -> tuple[str, ...]:
    """The same for a caller who speaks English: `standing` is “registered as COA”."""
    said = f"{standing[0]}{''.join(f', {one}' for one in standing[1:])}" if standing else "not registered"
    asked = "To speak about this file I need two of these: the ORIAS number, the SIREN, the name of the contact, "
    return f"{name} is {said}.", f"{asked}the end of the policy number."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} et {parts[-1]}"


def during_an_incident(message: str, next_word: str, sentences: Sequence[str]) -> tuple[str, ...]:
    """The script switched: what is wrong first, when more will be known, then where the file stands. What it said of
    the last message falls away: the incident may be about it."""
    first = message.strip().rstrip(".")
    return (f"{first}.", f"Prochaine information le {next_word}.", *sentences)[:MOST_SENTENCES]


def during_an_incident_in_english(next_word: str, sentences: Sequence[str]) -> tuple[str, ...]:
    """The same for a caller who speaks English: what is wrong is written in French alone."""
    first = "We have an incident on our side, told above in French."
    return (first, f"Next word on {next_word}.", *sentences)[:MOST_SENTENCES]


def recorded(message: str, next_word: str) -> str:
    """What the telephone system may play to those who wait."""
    return (
        f"{message.strip().rstrip('.')}. Vos droits et vos délais n’en souffrent pas. "
        f"Prochaine information le {next_word}."
    )
