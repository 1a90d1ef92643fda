"""What the register refuses, in the language of the page: it says so in French, and here is the English of each refusal
that a page of an intermediary can come to. A test walks the source and fails for one that is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from api.problems import in_english
from registry.rules.documents import DocumentState
from registry.rules.labels import LabelledEnum
from registry.rules.renewals import FilingChannel, RenewalState

ENGLISH: Mapping[str, str] = {
    # Access, by whom and for what.
    "Aucune clé «\u00a0{}\u00a0»\u00a0: voyez list_api_keys.": "There is no key “{}”.",
    "Cette adresse est celle d’un autre compte\u00a0: donnez-en une autre.": (
        "This address is that of another account: give another one."
    ),
    "Le dernier jour du mandat précède le premier\u00a0: corrigez l’un des deux.": (
        "The last day of the mandate is before its first: correct one of them."
    ),
    "Une clé du personnel agit au nom de son titulaire\u00a0: {} la crée pour soi-même.": (
        "A key of the staff acts for its holder: {} makes it alone."
    ),
    "{} a déjà un mandat pour {}\u00a0: mettez-y fin d’abord avec end_mandate.": "{} acts for {} already.",
    "{} a déjà {} clés «\u00a0{}\u00a0» ({})\u00a0: révoquez-en une.": "{} has {} keys “{}” already ({}): revoke one.",
    "{} est du personnel\u00a0: il agit par son rôle, sans mandat.": "{} is of the staff, and acts without a mandate.",
    "{} n’est pas du personnel\u00a0: pas de droit «\u00a0staff\u00a0».": "{} is not of the staff: no such right.",
    "«\u00a0{}\u00a0» n’est pas un réseau\u00a0: écrivez-le comme 192.0.2.0/24 ou 2001:db8::/32.": (
        "“{}” is not a network: write it like 192.0.2.0/24 or 2001:db8::/32."
    ),
    # Certificates and files.
    "Ce dossier a déjà reçu {} fichiers aujourd’hui\u00a0: déposez les suivants demain, ou joignez l’assistance.": (
        "This file has received {} documents today: send the next ones tomorrow, or call us."
    ),
    "Champs non modifiables ici\u00a0: {}.": "These fields cannot be changed here: {}.",
    "L’attestation {} n’attend plus de contrôle\u00a0: rechargez le dossier pour voir son état.": (
        "Certificate {} does not wait to be checked any more: load the page again to see where it stands."
    ),
    "Le dernier jour ne peut pas précéder le premier\u00a0: corrigez la période.": (
        "The last day cannot be before the first: correct the period."
    ),
    "Le document {} n’est pas de ce dossier\u00a0: indiquez-en un autre.": (
        "Document {} is not of this file: choose another one."
    ),
    "Le document {} ne peut pas être joint ({})\u00a0: déposez-en un autre.": (
        "Document {} cannot be used ({}): send another one."
    ),
    "Une correction apporte un document ou une valeur\u00a0: indiquez au moins l’un des deux.": (
        "A correction brings a document or a value: give one of them at least."
    ),
    # Contact.
    "Champs non modifiables ici\u00a0: {}. Passez par le registre.": "These fields are changed by us: {}. Write to us.",
    "Dites comment vous le savez\u00a0: le motif est obligatoire.": "Say how you know it: a reason is needed.",
    "{} n’a pas d’adresse électronique\u00a0: enregistrez-en une d’abord.": "{} has no e-mail address: give one first.",
    # Renewal.
    "Aucune demande {} ouverte pour {} en {}\u00a0: vérifiez le numéro et la catégorie, ou ouvrez les demandes "
    "(open_renewals {} --apply).": "No request of {0} is open for {1} as {2}.",
    "ce n’est pas {} qui dépose pour cette inscription.": "this registration is not filed that way ({}).",
    "cette demande est déjà «\u00a0{}\u00a0» ({}).": "this request is “{}” already ({}).",
    "cette inscription est supprimée\u00a0: une nouvelle demande d’inscription est nécessaire.": (
        "this registration was removed: a new application is needed."
    ),
    "un dépôt ne peut pas être daté du {}, après sa saisie ({}).": (
        "a filing cannot be dated {}, after it was entered ({})."
    ),
    "un dépôt papier est saisi par une personne\u00a0: indiquez qui.": (
        "a filing on paper is entered by a person: say by whom."
    ),
    "{} {}\u00a0: {}": "{} {}: {}",
    # Webhooks.
    "Ce compte avertit déjà cette adresse\u00a0: changez-la, ou supprimez l’autre.": (
        "This account tells this address already: change it, or delete the other one."
    ),
    "Cette adresse ne peut recevoir de messages\u00a0: elle {}.": "This address cannot receive messages: it {}.",
    "Un compte a {} webhooks au plus\u00a0: supprimez-en un.": "An account has {} webhooks at most: delete one.",
    "a des signes qu’une adresse n’a pas": "has signs that no address has",
    "a un nom d’hôte, ni compte ni fragment": "must have a host’s name, no account and no fragment",
    "commence par https://": "must begin with https://",
    "n’est pas une adresse": "is not an address",
    "n’est pas une adresse publique": "is not a public address",
}
"""French to English; `{}` are the values, in their order."""

_LABELS: tuple[type[LabelledEnum], ...] = (DocumentState, FilingChannel, RenewalState)


def refusal(error: Exception) -> str:
    """What an exception of the register says, in the language of this request."""
    return _english(str(error)) if in_english() else str(error)


def _english(text: str) -> str:
    """The English of a text, of the values in it too; as it is where it is not in the catalogue."""
    if text in _labels():
        return _labels()[text]
    for pattern, english in _patterns():
        if found := pattern.fullmatch(text):
            return english.format(*map(_english, found.groups()))
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The catalogue, what says most first: the shortest texts are all values, and would match anything."""
    ordered = sorted(ENGLISH, key=lambda text: -len(text.replace("{}", "")))
    return tuple((_pattern(text), ENGLISH[text]) for text in ordered)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, text.split("{}"))), re.DOTALL)


@cache
def _labels() -> Mapping[str, str]:
    """Labels as refusals have them, in small letters."""
    return {
        text: one.label_en.lower()
        for kind in _LABELS
        for one in kind
        for text in (one.label.lower(), one.label.lower().removeprefix("par "))
    }
