"""What is said to whoever complains, in French: texts to be sent by a person, as they are or with more."""

from __future__ import annotations

from datetime import date


def invitation(number: str, spoken_on: date, reply_to: str) -> str:
    """To somebody who complained aloud and was not satisfied at once."""
    return (
        f"Vous nous avez fait part de votre mécontentement le {_day(spoken_on)}. Pour que votre réclamation soit "
        f"traitée dans les délais, écrivez-nous à {reply_to} en rappelant le numéro {number}\u00a0: "
        "nous accuserons réception sous dix jours ouvrables et répondrons sous deux mois."
    )


def acknowledgement(number: str, sent_on: date, answer_by: date) -> str:
    """That a written complaint has come, and by when it will be answered."""
    return (
        f"Votre réclamation envoyée le {_day(sent_on)} est enregistrée sous le numéro {number}. "
        f"Nous vous répondrons au plus tard le {_day(answer_by)}."
    )


def late_notice(number: str, answer_by: date, recourse: str) -> str:
    """That the answer is late, and where the person may turn meanwhile."""
    return (
        f"Nous devions répondre à votre réclamation {number} avant le {_day(answer_by)} au soir, et ne l’avons pas "
        f"fait. Nous vous prions de nous en excuser\u00a0; elle est toujours en cours de traitement. {recourse}"
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
