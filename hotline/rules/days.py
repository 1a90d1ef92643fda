"""Days and hours that can be meant: what lies outside is a slip of the keyboard, such as the year 1 or 9999.

None: it can be; else why not, in words for who typed it. The database holds the same bounds.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

OLDEST_COMPLAINT = timedelta(days=5 * 365 + 2)
"""Five years, as long as an action may be brought (C. civ. 2224): nobody enters an older writing."""
LATEST_ANSWER = timedelta(days=20 * 365 + 5)
"""After its entry a complaint is answered, however late, within what the law allows at most (C. civ. 2232)."""
OLDEST_CALL = timedelta(days=366)
"""Paper slips of an outage are entered within the year (own judgement)."""
LONGEST_PROMISE = timedelta(days=31)
"""Who calls back later has promised nothing (own judgement)."""
LONGEST_SILENCE = timedelta(days=7)
"""Between two words about an open incident (own judgement; two hours are the aim)."""


def why_no_day(day: date, today: date) -> str | None:
    """Of a day on which something was written, said or done about a complaint."""
    if day > today:
        return f"Le {_day(day)} est à venir\u00a0: donnez le jour où cela s’est passé."
    if day < today - OLDEST_COMPLAINT:
        return f"Le {_day(day)} remonte à plus de cinq ans\u00a0: vérifiez l’année."
    return None


def why_no_start(at: datetime, now: datetime) -> str | None:
    """Of the hour at which a call came."""
    if at > now:
        return "Un appel noté a eu lieu\u00a0: son heure est à venir."
    if at < now - OLDEST_CALL:
        return f"Un appel du {_day(at)} remonte à plus d’un an\u00a0: vérifiez l’année."
    return None


def why_no_promise(until: datetime, now: datetime) -> str | None:
    """Of the hour before which somebody is to be called back."""
    if until <= now:
        return "L’heure promise pour le rappel est passée\u00a0: donnez-en une à venir."
    if until > now + LONGEST_PROMISE:
        return f"Un rappel se promet dans les {LONGEST_PROMISE.days} jours\u00a0: le {_day(until)} est trop loin."
    return None


def why_no_next_word(at: datetime | None, now: datetime) -> str | None:
    """Of the hour of the next word about an open incident."""
    if at is None or at <= now:
        return "Dites quand viendra la prochaine information\u00a0: une heure à venir est obligatoire."
    if at > now + LONGEST_SILENCE:
        return (
            f"La prochaine information vient dans les {LONGEST_SILENCE.days} jours\u00a0: "
            f"le {_day(at)} est trop loin, on croirait l’incident oublié."
        )
    return None


def _day(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"
