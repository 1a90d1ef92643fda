"""The corrective notice (rectificatif) in both languages, laid out like the message that it corrects."""

from dataclasses import replace
from typing import Protocol

from registry.rules import english as english_days
from registry.rules import french as french_days
from reminders.messages import french
from reminders.messages.content import Letterhead, RecallContent, clean
from reminders.messages.layout import WORDINGS, Letter, bare, file_url, why_url
from reminders.rules.recalls import RecallClass

NBSP = french.NBSP


class RecallWording(Protocol):
    """The sentences that a correction has of its own; the rest are those of a reminder.

    In class OTHER they name the number alone, and nothing of the file: the address may be somebody else's now.
    """

    def subject(self, content: RecallContent) -> str:
        """Say that this corrects, and what is to be done where nothing is."""

    def opening(self, content: RecallContent) -> str:
        """Say which message was wrong, and be sorry."""

    def reassurance(self, content: RecallContent) -> str:
        """Say what is to be done."""

    def file_link(self, content: RecallContent) -> str:
        """Name the link to the file."""


class French:
    """See ``RecallWording``."""

    def subject(self, content: RecallContent) -> str:
        """« Rectificatif : vous n’avez rien à faire pour votre dossier n° 07001234 »."""
        said = {
            RecallClass.DUE: "ce que dit votre dossier",
            RecallClass.OTHER: "message envoyé par erreur, dossier",
        }.get(content.recall_class, "vous n’avez rien à faire pour votre dossier")
        return f"Rectificatif{NBSP}: {said} n°{NBSP}{content.orias_number}"

    def opening(self, content: RecallContent) -> str:
        """« Le 29 janvier 2026, vous avez reçu à tort un message de rappel… »."""
        day = french_days.day_in_words(content.mailed_on)
        sorry = "Nous vous prions de nous en excuser."
        file = f"dossier n°{NBSP}{content.orias_number}"
        perhaps = "peut-être " if content.is_uncertain else ""
        if content.recall_class is RecallClass.OTHER:
            sent = f"un message de rappel au sujet du {file} a {perhaps}été envoyé par erreur à cette adresse"
            return f"Le {day}, {sent}. {sorry}"
        about = f"au sujet de votre {file} ({content.name})"
        if content.recall_class is RecallClass.DUE:
            if_any = ", s’il vous est parvenu," if content.is_uncertain else ""
            wrong = f"Le message de rappel du {day} {about}{if_any} contenait peut-être une erreur."
            return f"{wrong} {sorry} Voici ce que dit votre dossier{NBSP}:"
        return f"Le {day}, vous avez {perhaps}reçu à tort un message de rappel {about}. {sorry}"

    def reassurance(self, content: RecallContent) -> str:
        """« Votre dossier est complet : vous n’avez rien à faire. »."""
        match content.recall_class:
            case RecallClass.COMPLETE:
                return f"Votre dossier est complet{NBSP}: vous n’avez rien à faire."
            case RecallClass.IN_REVIEW:
                received = "Vos pièces nous sont parvenues et c’est à nous de les contrôler"
                return f"{received}{NBSP}: vous n’avez rien à faire."
            case RecallClass.DUE:
                return WORDINGS["fr"].reassurance(content)
        return f"Ne tenez pas compte de ce message de rappel{NBSP}: il ne vous demande rien."

    def file_link(self, content: RecallContent) -> str:
        """« Voir votre dossier », and where to file what is due."""
        if content.recall_class is RecallClass.DUE:
            return WORDINGS["fr"].file_link()
        return "Voir ce qui est publié" if content.recall_class is RecallClass.OTHER else "Voir votre dossier"


class English:
    """See ``RecallWording``."""

    def subject(self, content: RecallContent) -> str:
        """Say that this corrects, and what is to be done where nothing is."""
        said = {
            RecallClass.DUE: "what your file says, file",
            RecallClass.OTHER: "message sent by mistake, file",
        }.get(content.recall_class, "there is nothing to do for your file")
        return f"Correction: {said} no. {content.orias_number}"

    def opening(self, content: RecallContent) -> str:
        """Say which message was wrong, and be sorry."""
        day = english_days.day_in_words(content.mailed_on)
        sorry = "We apologise."
        file = f"file no. {content.orias_number}"
        if content.recall_class is RecallClass.OTHER:
            was = "may have been" if content.is_uncertain else "was"
            return f"On {day} a reminder about {file} {was} sent to this address by mistake. {sorry}"
        about = f"about your {file} ({content.name})"
        if content.recall_class is RecallClass.DUE:
            if_any = ", if it reached you," if content.is_uncertain else ""
            wrong = f"The reminder of {day} {about}{if_any} may have contained an error."
            return f"{wrong} {sorry} This is what your file says:"
        received = "may have received" if content.is_uncertain else "received"
        return f"On {day} you {received} a reminder {about} by mistake. {sorry}"

    def reassurance(self, content: RecallContent) -> str:
        """Say what is to be done."""
        match content.recall_class:
            case RecallClass.COMPLETE:
                return "Your file is complete: there is nothing you need to do."
            case RecallClass.IN_REVIEW:
                return "We have your papers and it is for us to check them: there is nothing you need to do."
            case RecallClass.DUE:
                return WORDINGS["en"].reassurance(content)
        return "Please disregard that reminder: it asks nothing of you."

    def file_link(self, content: RecallContent) -> str:
        """Name the link to the file."""
        if content.recall_class is RecallClass.DUE:
            return WORDINGS["en"].file_link()
        return "See what is published" if content.recall_class is RecallClass.OTHER else "See your file"


RECALL_WORDINGS: dict[str, RecallWording] = {"fr": French(), "en": English()}


def write_recall(content: RecallContent, letterhead: Letterhead) -> Letter:
    """Choose the sentences that correct, and state this file's facts where they may be told."""
    words, own = WORDINGS[content.language], RECALL_WORDINGS[content.language]
    if (name := clean(content.name)) != content.name:
        content = replace(content, name=name)
    return Letter(
        language=content.language,
        subject=own.subject(content),
        greeting=words.greeting(),
        opening=own.opening(content),
        items=[(words.item_title(item), words.item_facts(item)) for item in content.items],
        received_heading=words.received_heading(),
        received=[words.received(line) for line in content.received],
        reassurance=own.reassurance(content),
        file_link=own.file_link(content),
        file_url=file_url(content, letterhead),
        signature=letterhead.site_name,
        why_link=words.why_question(),
        why_url=why_url(content, letterhead),
        footer=words.footer(content, letterhead, bare(letterhead.reply_to)),
    )
