"""/ws/service/ : the partner web service, with a real SOAP client over a live server, and with what clients send."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from zeep import Client as SoapClient
from zeep.exceptions import Fault

from api.consultations import COUNTS
from api.keys import revoke_key
from api.models import Consultation
from api.throttling import PUBLIC_CHECKS
from registry import clock
from tests.api.callers import Keyed, holder_of
from tests.factories import NOW, AffiliationFactory, FilingBodyFactory, IntermediaryFactory, RegistrationFactory
from tests.serving import serving

SERVICE = "/ws/service/"
ENVELOPE = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ws="urn:gpsa:orias:ws.001">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
REQUEST = (
    "<ws:intermediarySearchRequest><user>{}</user><intermediaries>{}</intermediaries></ws:intermediarySearchRequest>"
)
BY_NUMBER = "<intermediary><registrationNumber>{}</registrationNumber></intermediary>"


@pytest.fixture
def partner(db: None) -> Keyed:
    return Keyed(holder_of(name="banque"), "issuer:write")


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def call(token: str, asked: str, client: Client | None = None, envelope: str = ENVELOPE) -> Any:
    body = envelope.format(REQUEST.format(token, asked))
    return (client or Client()).post(SERVICE, body.encode(), content_type="text/xml")


def fault(answer: Any) -> str:
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    text: str = answer.content.decode()
    assert "<soap:Fault>" in text
    return text.partition("<faultstring>")[2].partition("</faultstring>")[0]


@pytest.mark.django_db(transaction=True)
def test_a_soap_client_reads_the_description_and_is_answered() -> None:
    one = IntermediaryFactory(orias_number="08000151", siren="552100554", name="Crédit & Fils")
    RegistrationFactory(intermediary=one, with_funds=True, registered_on=date(2015, 6, 5))
    with transaction.atomic():
        RegistrationFactory(intermediary=one, iob=True, removed=True)
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000152"), suspended=True)
    key = Keyed(holder_of(name="banque"), "issuer:write")
    with serving() as site:
        service = SoapClient(f"{site}{SERVICE}?wsdl").service
        asked = [{"siren": "552100554"}, {"registrationNumber": "08000152"}, {"registrationNumber": "99999999"}]
        told = service.intermediarySearch(user=key.token, intermediaries={"intermediary": asked})
        base = [one.informationBase for one in told]
        assert [(b.registrationNumber, b.foundInRegistry) for b in base] == [
            ("08000151", True), ("08000152", True), ("99999999", False)
        ]  # fmt: skip
        assert base[0].denomination == "Crédit & Fils"
        coa, iob = told[0].registrations.registration
        assert (coa.categoryName, coa.status, coa.registrationDate) == ("COA", "INSCRIT", date(2015, 6, 5))
        assert (coa.collectFunds, coa.deletionDate) == (True, None)
        assert (iob.status, iob.deletionDate) == ("SUPPRIME", date(2025, 3, 7))
        assert told[1].registrations.registration[0].status == "SUSPENDU"
        only = service.intermediarySearch(
            user=key.token, intermediaries={"intermediary": asked[:1]}, categories={"categoryName": ["IOB"]}
        )
        assert [r.categoryName for r in only[0].registrations.registration] == ["IOB"]
        with pytest.raises(Fault, match="user"):
            service.intermediarySearch(user="DJO3J4VD", intermediaries={"intermediary": asked})


@pytest.mark.django_db(transaction=True)
def test_a_soap_client_is_told_the_principals_whose_mandate_is_in_force() -> None:
    """Fails without the days, the kind of body, or the state of the registration in the question."""
    with transaction.atomic():
        mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000151"), agent=True)
        gone = RegistrationFactory(intermediary=mine.intermediary, removed=True)
    bank = FilingBodyFactory(kind="PRINCIPAL", name="Banque & Fils", siren="552100554")
    for registration in (mine, gone):
        AffiliationFactory(registration=registration, body=bank, starts_on=date(2020, 1, 1))
    for kind, days in (
        ("ASSOCIATION", {}),
        ("PRINCIPAL", {"starts_on": date(2027, 1, 1)}),
        ("PRINCIPAL", {"ends_on": date(2025, 12, 31), "end_told_on": date(2025, 12, 1)}),
    ):
        given = {"starts_on": date(2020, 1, 1)} | days
        AffiliationFactory(registration=mine, body=FilingBodyFactory(kind=kind), **given)
    key = Keyed(holder_of(name="banque"), "issuer:write")
    with serving() as site:
        service = SoapClient(f"{site}{SERVICE}?wsdl").service
        asked = {"intermediary": [{"registrationNumber": "08000151"}]}
        told = service.intermediarySearch(user=key.token, intermediaries=asked)
    rows = {row.categoryName: row.mandators for row in told[0].registrations.registration}
    assert [(one.siren, one.denomination) for one in rows["IOB"].mandator] == [("552100554", "Banque & Fils")]
    assert rows["COA"] is None


@pytest.mark.parametrize(
    "envelope",
    [
        ENVELOPE,
        ENVELOPE.replace("soapenv", "SOAP-ENV"),
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + ENVELOPE.replace("<soapenv:Body>", "<soapenv:Header/><soapenv:Body>"),
    ],
)
@pytest.mark.parametrize("qualified", [False, True])
def test_it_is_read_as_each_client_writes_it_and_answered_without_inner_prefixes(
    partner: Keyed, envelope: str, qualified: bool
) -> None:
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000151"))
    inner = REQUEST.format(partner.token, BY_NUMBER.format("08000151"))
    if qualified:
        for name in ("user", "intermediaries", "intermediary", "registrationNumber"):
            inner = inner.replace(f"<{name}>", f"<ws:{name}>").replace(f"</{name}>", f"</ws:{name}>")
    answer = Client().post(SERVICE, envelope.format(inner).encode(), content_type="text/xml")
    assert answer.status_code == 200
    assert "<intermediary><informationBase>" in answer.content.decode()
    assert "<foundInRegistry>true</foundInRegistry>" in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "de 1 à 1000"),
        (BY_NUMBER.format("08000151") * 1001, "de 1 à 1000"),
        (BY_NUMBER.format("8000151"), "08000151"),
        ("<intermediary><siren>12345678²</siren></intermediary>", "9 chiffres"),
        ("<intermediary/>", "8 chiffres"),
        (
            "<intermediary><registrationNumber>08000151</registrationNumber><siren>552100554</siren></intermediary>",
            "pas par les deux",
        ),
        (
            f"{BY_NUMBER.format('08000151')}</intermediaries><categories><categoryName>ZZZ</categoryName></categories>"
            "<intermediaries>",
            "COA, IOB, CIF",
        ),
        ("<intermediary>", "XML lisible"),
        ("x" * 300_000, "256 Ko"),
        ("<intermediary>" * 9000 + "</intermediary>" * 9000, "8 chiffres"),
    ],
)
def test_what_cannot_be_asked_is_a_fault(
    partner: Keyed, asked: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert told in fault(call(partner.token, asked))
    assert not [record for record in caplog.records if record.levelname == "ERROR"], "no error of the site"


@pytest.mark.parametrize(("name", "rows"), [("COA", 1), ("COBSP", 1), ("AGA", 0)])
def test_categories_are_asked_for_by_each_of_their_names(partner: Keyed, name: str, rows: int) -> None:
    """Fails where an alias or a category of other registers is taken for a misspelt one, or answers all."""
    registration = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000151"))
    RegistrationFactory(intermediary=registration.intermediary, iob=True)
    asked = f"</intermediaries><categories><categoryName>{name}</categoryName></categories><intermediaries>"
    answer = call(partner.token, BY_NUMBER.format("08000151") + asked)
    assert (answer.status_code, answer.text.count("<registration>")) == (200, rows)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<a/>",
        b'<?xml version="1.0" encoding="x-unheard-of"?><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        ENVELOPE.format("<other/>").encode(),
        ENVELOPE.format("")[:-10].encode(),
    ],
)
def test_what_is_no_such_message_is_a_fault_and_no_entity_is_read(body: bytes, partner: Keyed) -> None:
    """Fails without defusedxml's refusals."""
    assert fault(Client().post(SERVICE, body, content_type="text/xml"))


def test_a_key_that_is_revoked_opens_nothing(partner: Keyed) -> None:
    revoke_key(key_id=partner.key.key_id, by=partner.key.holder, now=NOW)
    assert "révoquée" in fault(call(partner.token, BY_NUMBER.format("08000151")))


def test_it_draws_on_a_budget_and_is_counted(partner: Keyed) -> None:
    """Fails without `_draw`."""
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000151"))
    answers = [call(partner.token, BY_NUMBER.format("08000151")) for _ in range(PUBLIC_CHECKS.quota + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert "Trop de demandes" in fault(answers[-1])
    assert int(answers[-1].headers["Retry-After"]) >= 1
    COUNTS.write()
    assert Consultation.objects.values_list("kind", "requests", "shown").get() == ("SOAP", 10, 10)


def test_a_thousand_cost_three_queries(partner: Keyed, django_assert_num_queries: Any) -> None:
    siren = "<intermediary><siren>552100554</siren></intermediary>"
    call(partner.token, siren)
    with django_assert_num_queries(3):
        assert call(partner.token, siren + BY_NUMBER.format("08000151") * 999).status_code == 200


def test_the_older_address_answers_too(partner: Keyed) -> None:
    assert b"intermediarySearchRequest" in Client().get("/service?wsdl").content


def test_a_message_in_chunks_without_its_length_is_a_fault(partner: Keyed) -> None:
    """Fails where it is read as empty."""
    chunked: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    answer = Client().generic("POST", SERVICE, b"", content_type="text/xml", **chunked)
    assert "sans sa longueur" in fault(answer)


@pytest.mark.parametrize("shown", ["Sandbox-Now", "a test key", "a test key in user"])
def test_what_is_for_the_sandbox_is_a_clear_fault_here(shown: str, partner: Keyed) -> None:
    """Fails without `_require_this_world`: the header was passed over, and the answer was of another day than meant."""
    test = "orl_test_aaaaaaaaaaaa_" + "A" * 43
    headers = {"Sandbox-Now": "2026-02-28T09:00:00+01:00"} if shown == "Sandbox-Now" else {}
    if shown == "a test key":
        headers["Authorization"] = f"Bearer {test}"
    body = REQUEST.format(test if shown == "a test key in user" else partner.token, BY_NUMBER.format("08000151"))
    answer = Client().post(SERVICE, ENVELOPE.format(body).encode(), content_type="text/xml", headers=headers)
    expected = "Adressez-vous au bac à sable" if shown == "Sandbox-Now" else "n’ouvre que le bac à sable"
    assert expected in fault(answer)
    assert f">{answer.headers['X-Request-Id']}</request_id></detail>" in answer.text


def test_a_fault_speaks_english_to_whom_asks_for_it(partner: Keyed) -> None:
    answer = call("x", BY_NUMBER.format("08000151"), Client(headers={"accept-language": "en"}))
    assert fault(answer) == "The key given in user opens nothing. Check that it is whole."
