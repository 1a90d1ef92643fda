"""The partner web service's language: SOAP 1.1, document/literal, with the names that existing clients know.

What goes in and out is text; nothing here asks the database. Sources: clients in public code (domain.md, section 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from api.numbers import no_number_in_words
from registry.public import Principal, PublicEntry, PublicRegistration, PublicStatus
from registry.rules.categories import Category, parse_category
from registry.rules.identifiers import ORIAS_NUMBER_LENGTH, SIREN_LENGTH
from registry.rules.problems import shown

NAMESPACE = "urn:gpsa:orias:ws.001"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
MOST_ASKED = 1000
ELSEWHERE = frozenset({"AGA", "MA", "MAL", "MIA"})
"""Categories that existing clients may ask for, of registers that hold them too: nobody is registered so here."""
_STATUS = {
    PublicStatus.REGISTERED: "INSCRIT",
    PublicStatus.REMOVED: "SUPPRIME",
    PublicStatus.SUSPENDED: "SUSPENDU",
}


class SoapFaultError(Exception):
    """What is wrong with a call, told as a soap:Fault in French or English; `ours`: nothing is wrong with it, come
    again later."""

    def __init__(self, french: str, english: str, *, ours: bool = False) -> None:
        super().__init__(french)
        self.in_words, self.ours = (french, english), ours


@dataclass(frozen=True, slots=True)
class Asked:
    """One intermediary asked for: by one of the two (the other is empty)."""

    number: str
    siren: str


@dataclass(frozen=True, slots=True)
class Search:
    """A whole call. No `categories`: all."""

    user: str
    asked: tuple[Asked, ...]
    categories: frozenset[str]


def read_search(body: bytes) -> Search:
    """Read an intermediarySearchRequest. Raises SoapFaultError.

    Document types and entities are refused; namespaces of the inner elements are as each client writes them.
    """
    try:
        envelope = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise SoapFaultError(
            "Le message n’est pas du XML lisible, sans DTD ni entités.",
            "The message is not readable XML without DTD and entities.",
        ) from None
    request = _request(envelope)
    wanted = [_asked(one) for group in _named(request, "intermediaries") for one in _named(group, "intermediary")]
    if not 1 <= len(wanted) <= MOST_ASKED:
        raise SoapFaultError(
            f"Demandez de 1 à {MOST_ASKED} intermédiaires à la fois.",
            f"Ask for 1 to {MOST_ASKED} intermediaries at a time.",
        )
    names = [_text(name) for group in _named(request, "categories") for name in _named(group, "categoryName")]
    user = next((_text(one) for one in _named(request, "user")), "")
    return Search(user, tuple(wanted), frozenset(map(_category, names)))


def _category(name: str) -> str:
    """As it is answered. Raises SoapFaultError for a name that is none: it would read as « not registered »."""
    if known := parse_category(name):
        return known.category.value
    if name in ELSEWHERE:
        return name
    here = ", ".join(category.value for category in Category)
    raise SoapFaultError(
        f"« {shown(name)} » n’est pas une catégorie du registre. categoryName : {here}.",
        f"“{shown(name)}” is no category of the register. categoryName: {here}.",
    )


def _request(envelope: Element) -> Element:
    if envelope.tag != f"{{{ENVELOPE}}}Envelope":
        raise SoapFaultError(
            "Le message n’est pas une enveloppe SOAP 1.1.", "The message is not an envelope of SOAP 1.1."
        )
    body = envelope.find(f"{{{ENVELOPE}}}Body")
    request = None if body is None else body.find(f"{{{NAMESPACE}}}intermediarySearchRequest")
    if request is None:
        raise SoapFaultError(
            f"Le corps ne contient pas d’intermediarySearchRequest ({NAMESPACE}).",
            f"The body holds no intermediarySearchRequest ({NAMESPACE}).",
        )
    return request


def _named(parent: Element, name: str) -> Iterator[Element]:
    """The children of that name, in the service's namespace or in none."""
    return (child for child in parent if child.tag in (name, f"{{{NAMESPACE}}}{name}"))


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _asked(element: Element) -> Asked:
    number = next((_text(one) for one in _named(element, "registrationNumber")), "")
    siren = next((_text(one) for one in _named(element, "siren")), "")
    if number and siren:
        raise SoapFaultError(
            "Demandez chaque intermédiaire par registrationNumber ou par siren, pas par les deux.",
            "Ask for each intermediary by registrationNumber or by siren, not by both.",
        )
    if _is_digits(number, ORIAS_NUMBER_LENGTH):
        return Asked(number, "")
    if not number and _is_digits(siren, SIREN_LENGTH):
        return Asked("", siren)
    if number:
        raise SoapFaultError(*no_number_in_words(number))
    raise SoapFaultError(
        "Chaque intermédiaire se demande par registrationNumber (8 chiffres) ou par siren (9 chiffres).",
        "Ask for each intermediary by registrationNumber (8 digits) or siren (9 digits).",
    )


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


Principals = Mapping[tuple[str, Category], Sequence[Principal]]


def write_answer(search: Search, found: Iterable[PublicEntry | None], principals: Principals) -> str:
    """The answer, in the order asked; who is not in the register is told as such."""
    pairs = zip(search.asked, found, strict=True)
    told = "".join(_intermediary(*pair, search.categories, principals) for pair in pairs)
    return _envelope(
        f'<ns2:intermediarySearchResponse xmlns:ns2="{NAMESPACE}"><intermediaries>{told}</intermediaries>'
        "</ns2:intermediarySearchResponse>"
    )


def _intermediary(asked: Asked, entry: PublicEntry | None, categories: frozenset[str], principals: Principals) -> str:
    base = _elements(
        siren=entry.siren if entry else asked.siren,
        registrationNumber=entry.orias_number if entry else asked.number,
        denomination=entry.name if entry else "",
    )
    found = f"<foundInRegistry>{'true' if entry else 'false'}</foundInRegistry>"
    shown = entry.categories if entry else ()
    number = entry.orias_number if entry else ""
    rows = "".join(
        _registration(r, principals.get((number, r.category), ()))
        for r in shown
        if not categories or r.category.value in categories
    )
    return (
        f"<intermediary><informationBase>{base}{found}</informationBase>"
        f"<registrations>{rows}</registrations></intermediary>"
    )


def _registration(row: PublicRegistration, principals: Sequence[Principal]) -> str:
    if row.status not in _STATUS:
        # To come: not in the register yet.
        return ""
    told = _elements(
        categoryName=row.category.value,
        status=_STATUS[row.status],
        registrationDate=row.since.isoformat(),
        deletionDate=row.until.isoformat() if row.until else "",
        collectFunds="true" if row.collects_funds else "false",
    )
    return f"<registration>{told}{_mandators(row, principals)}</registration>"


def _mandators(row: PublicRegistration, principals: Sequence[Principal]) -> str:
    """For whom the agent acts; a registration that is removed acts for nobody."""
    if row.status is PublicStatus.REMOVED or not principals:
        return ""
    told = (f"<mandator>{_elements(siren=one.siren, denomination=one.name)}</mandator>" for one in principals)
    return f"<mandators>{''.join(told)}</mandators>"


def _elements(**values: str) -> str:
    """An empty one is left out: it is optional, and no date is empty."""
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items() if value)


def write_fault(message: str, *, ours: bool, request_id: str) -> str:
    """A soap:Fault; its detail has the number under which the call stands in the log."""
    code = "soap:Server" if ours else "soap:Client"
    return _envelope(
        f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{escape(message)}</faultstring>"
        f'<detail><request_id xmlns="{NAMESPACE}">{escape(request_id)}</request_id></detail></soap:Fault>'
    )


def _envelope(body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body>{body}</soap:Body>'
        "</soap:Envelope>"
    )
