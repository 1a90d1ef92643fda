"""What those who got a wrong message will read, in full, and the facts that change it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from reminders.messages.message import ItemLine, RecallContent, body_digest, compose, message_id, render
from reminders.rules.recalls import RecallClass
from tests.reminders.test_message_bytes import defects, parse
from tests.reminders.test_message_wording import GUARANTEE_RECEIVED, INDEMNITY_DUE, LETTERHEAD, _Reader

KEY = "0123456789abcdef0123456789abcdef01234567"
COMPLETE = RecallContent(
    orias_number="07001234",
    name="Cabinet Éléonore",
    email="contact@cabinet.example",
    language="fr",
    recall_class=RecallClass.COMPLETE,
    corrected_key="439f295e16a4f3b7f48644535b65063de8f92d45",
    mailed_on=date(2026, 1, 29),
    is_uncertain=False,
    items=(),
    received=(),
    why_token="n42:c2lnbmVk",
)
IN_REVIEW = replace(
    COMPLETE,
    recall_class=RecallClass.IN_REVIEW,
    received=(replace(GUARANTEE_RECEIVED, status="AWAITING_REVIEW"),),
)
DUE = replace(COMPLETE, recall_class=RecallClass.DUE, items=(INDEMNITY_DUE,), received=(GUARANTEE_RECEIVED,))
OTHER = replace(COMPLETE, recall_class=RecallClass.OTHER)
ALL = {content.recall_class: content for content in (COMPLETE, IN_REVIEW, DUE, OTHER)}

REST = """\
Voir votre dossier{file}
https://registre.example/dossier/07001234/

Registre des intermédiaires

Pourquoi ce message\u00a0?
https://registre.example/pourquoi/n42:c2lnbmVk/

Message automatique lié à votre inscription au registre, envoyé par Registre des intermédiaires \
à contact@cabinet.example. Pour nous écrire\u00a0: assistance@registre.example.
"""


def test_there_is_a_text_for_each_class() -> None:
    assert set(ALL) == set(RecallClass)


def test_the_whole_letter_to_one_whose_file_is_complete() -> None:
    rendered = render(COMPLETE, LETTERHEAD)
    assert rendered.subject == "Rectificatif\u00a0: vous n’avez rien à faire pour votre dossier n°\u00a007001234"
    assert rendered.text == (
        """\
Bonjour,

Le 29 janvier 2026, vous avez reçu à tort un message de rappel au sujet de votre dossier n°\u00a007001234 \
(Cabinet Éléonore). Nous vous prions de nous en excuser.

Votre dossier est complet\u00a0: vous n’avez rien à faire.

"""
        + REST.format(file="")
    )


def test_the_whole_letter_to_one_of_whom_something_is_due() -> None:
    rendered = render(DUE, LETTERHEAD)
    assert rendered.subject == "Rectificatif\u00a0: ce que dit votre dossier n°\u00a007001234"
    assert rendered.text == (
        """\
Bonjour,

Le message de rappel du 29 janvier 2026 au sujet de votre dossier n°\u00a007001234 (Cabinet Éléonore) contenait \
peut-être une erreur. Nous vous prions de nous en excuser. Voici ce que dit votre dossier\u00a0:

– Attestation d’assurance de responsabilité civile professionnelle (RC Pro), catégories COA et IOBSP
  À déposer au plus tard le 28 février 2026. La couverture actuelle court jusqu’au 28 février 2026 \
inclus\u00a0; la nouvelle attestation doit couvrir la période à partir du 1er mars 2026.

Nous avons bien reçu\u00a0:
– Garantie financière, COA\u00a0: attestation reçue le 12 janvier 2026\u00a0; elle est acceptée et couvre \
jusqu’au 28 février 2027 inclus.

Si vous avez déposé votre attestation depuis, vous n’avez rien à faire.

"""
        + REST.format(file=" et déposer une attestation")
    )


@pytest.mark.parametrize(
    ("content", "opening", "reassurance"),
    [
        (
            IN_REVIEW,
            "Le 29 janvier 2026, vous avez reçu à tort un message de rappel au sujet de votre dossier n°\u00a007001234",
            "Vos pièces nous sont parvenues et c’est à nous de les contrôler\u00a0: vous n’avez rien à faire.",
        ),
        (
            OTHER,
            "Le 29 janvier 2026, un message de rappel au sujet du dossier n°\u00a007001234 a été envoyé par erreur à "
            "cette adresse. Nous vous prions de nous en excuser.",
            "Ne tenez pas compte de ce message de rappel\u00a0: il ne vous demande rien.",
        ),
        (
            replace(COMPLETE, is_uncertain=True),
            "vous avez peut-être reçu à tort un message de rappel",
            "vous n’avez rien à faire.",
        ),
        (replace(DUE, is_uncertain=True), ", s’il vous est parvenu, contenait peut-être une erreur.", "rien à faire."),
        (replace(OTHER, is_uncertain=True), "a peut-être été envoyé par erreur à cette adresse.", "ne vous demande"),
        (replace(COMPLETE, mailed_on=date(2026, 2, 1)), "Le 1er février 2026, vous avez reçu", "complet"),
    ],
)
def test_the_words_follow_the_class_and_what_is_known_of_the_message(
    content: RecallContent, opening: str, reassurance: str
) -> None:
    text = render(content, LETTERHEAD).text
    assert opening in text
    assert reassurance in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (COMPLETE, ("by mistake. We apologise.", "Your file is complete: there is nothing you need to do.")),
        (replace(COMPLETE, is_uncertain=True), ("On 29 January 2026 you may have received a reminder",)),
        (IN_REVIEW, ("it is for us to check them: there is nothing you need to do.", "it is being reviewed")),
        (DUE, ("may have contained an error. We apologise. This is what your file says:", "To be filed by 28 Feb")),
        (replace(DUE, is_uncertain=True), (", if it reached you, may have contained an error.",)),
        (OTHER, ("was sent to this address by mistake.", "Please disregard that reminder: it asks nothing of you.")),
        (replace(OTHER, is_uncertain=True), ("may have been sent to this address by mistake.",)),
    ],
)
def test_the_words_in_english(content: RecallContent, said: tuple[str, ...]) -> None:
    rendered = render(replace(content, language="en"), LETTERHEAD)
    assert rendered.subject.startswith("Correction: ")
    assert "no. 07001234" in rendered.subject
    for words in said:
        assert words in rendered.text
    assert not re.search(r"[éèàç’]", rendered.text.replace("Éléonore", "").replace("Registre des intermédiaires", ""))


def test_where_nothing_may_be_told_of_the_file_nothing_is() -> None:
    """Fails where class OTHER would name the intermediary or its papers: the address may be somebody else's now."""
    for language in ("fr", "en"):
        rendered = render(replace(OTHER, language=language), LETTERHEAD)
        for part in (rendered.subject, rendered.text, rendered.html):
            assert "Éléonore" not in part
            assert "RC Pro" not in part


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("told", RecallClass)
def test_both_forms_hold_the_same_words_and_links(language: str, told: RecallClass) -> None:
    rendered = render(replace(ALL[told], language=language), LETTERHEAD)
    read = _Reader()
    read.feed(rendered.html)
    assert sorted(read.words) == sorted(rendered.text.replace("– ", "").split())
    assert rendered.html.count("<ul>") == len(ALL[told].items) + bool(ALL[told].received)


@pytest.mark.parametrize("told", RecallClass)
def test_french_is_set_as_french_is(told: RecallClass) -> None:
    rendered = render(ALL[told], LETTERHEAD)
    words = re.sub(r"https?://\S+", "", f"{rendered.subject}\n{rendered.text}")
    assert not re.search(r"[^\s\u00a0][:;?!](\s|$)|\x20[:;?!]|'", words)
    assert rendered.subject.startswith("Rectificatif\u00a0: ")


@pytest.mark.parametrize("told", RecallClass)
def test_the_message_stands_beneath_the_one_it_corrects(told: RecallClass) -> None:
    """Fails without `_thread`, or where the correction would carry the identity of what it corrects."""
    content = ALL[told]
    raw = compose(render(content, LETTERHEAD), content, LETTERHEAD, KEY, datetime(2026, 1, 30, 9, tzinfo=UTC))
    message = parse(raw)
    corrected = message_id("439f295e16a4f3b7f48644535b65063de8f92d45", LETTERHEAD)
    assert defects(message) == []
    assert (str(message["In-Reply-To"]), str(message["References"])) == (corrected, corrected)
    assert (str(message["Message-ID"]), str(message["X-Reminder-Key"])) == (message_id(KEY, LETTERHEAD), KEY)


def test_each_class_and_each_fact_is_another_text() -> None:
    """What the frozen digest is compared by at the moment of sending."""
    variants = [*ALL.values(), replace(COMPLETE, is_uncertain=True), replace(COMPLETE, mailed_on=date(2026, 1, 30))]
    assert len({body_digest(render(content, LETTERHEAD)) for content in variants}) == len(variants)


@pytest.mark.parametrize(("told", "items"), [(RecallClass.DUE, ()), (RecallClass.COMPLETE, (INDEMNITY_DUE,))])
def test_items_are_told_where_something_is_due_and_nowhere_else(told: RecallClass, items: tuple[ItemLine, ...]) -> None:
    with pytest.raises(ValueError, match="wrong items"):
        replace(ALL[told], items=items)


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="language 'de'"):
        replace(COMPLETE, language="de")
