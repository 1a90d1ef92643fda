"""What eighteen thousand people will read, in full, and the facts that change it."""

from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import OPEN_STATES, CoverState
from reminders.messages.message import (
    ItemLine,
    Letterhead,
    ReceivedLine,
    ReminderContent,
    render,
)

LETTERHEAD = Letterhead(
    sender="Registre des intermédiaires <ne-pas-repondre@registre.example>",
    reply_to="assistance@registre.example",
    site_url="https://registre.example",
    site_name="Registre des intermédiaires",
    mail_domain="registre.example",
)
END_OF_FEBRUARY = date(2026, 2, 28)
INDEMNITY_DUE = ItemLine(
    CoverKind.RC_PRO, (Category.COA, Category.IOB), CoverState.DUE, END_OF_FEBRUARY, END_OF_FEBRUARY
)
GUARANTEE_RECEIVED = ReceivedLine(
    CoverKind.FINANCIAL_GUARANTEE, (Category.COA,), date(2026, 1, 12), "ACCEPTED", date(2027, 2, 28)
)
CONTENT = ReminderContent(
    orias_number="07001234",
    name="Cabinet Éléonore",
    email="contact@cabinet.example",
    language="fr",
    items=(INDEMNITY_DUE,),
    received=(GUARANTEE_RECEIVED,),
    why_token="n42:c2lnbmVk",
)


def text_of(**changes: object) -> str:
    return render(replace(CONTENT, **changes), LETTERHEAD).text  # type: ignore[arg-type]


def item(**changes: object) -> tuple[ItemLine, ...]:
    return (replace(INDEMNITY_DUE, **changes),)  # type: ignore[arg-type]


def test_the_whole_letter_in_french() -> None:
    rendered = render(CONTENT, LETTERHEAD)
    assert rendered.subject == (
        "Dossier n°\u00a007001234\u00a0: attestation RC Pro à déposer au plus tard le 28 février 2026"
    )
    assert (
        rendered.text
        == """\
Bonjour,

Il manque une attestation à votre dossier n°\u00a007001234 (Cabinet Éléonore)\u00a0:

– Attestation d’assurance de responsabilité civile professionnelle (RC Pro), catégories COA et IOBSP
  À déposer au plus tard le 28 février 2026. La couverture actuelle court jusqu’au 28 février 2026 \
inclus\u00a0; la nouvelle attestation doit couvrir la période à partir du 1er mars 2026.

Nous avons bien reçu\u00a0:
– Garantie financière, COA\u00a0: attestation reçue le 12 janvier 2026\u00a0; elle est acceptée et couvre \
jusqu’au 28 février 2027 inclus.

Si vous avez déposé votre attestation depuis, vous n’avez rien à faire.

Voir votre dossier et déposer une attestation
https://registre.example/dossier/07001234/

Registre des intermédiaires

Pourquoi ce message\u00a0? Si votre dossier est déjà complet, dites-le sur cette page\u00a0:
https://registre.example/pourquoi/n42:c2lnbmVk/

Message automatique lié à votre inscription au registre, envoyé par Registre des intermédiaires \
à contact@cabinet.example. Pour nous écrire\u00a0: assistance@registre.example.
"""
    )


def test_the_whole_letter_in_english() -> None:
    rendered = render(replace(CONTENT, language="en"), LETTERHEAD)
    assert rendered.subject == "File no. 07001234: professional indemnity certificate due by 28 February 2026"
    assert (
        rendered.text
        == """\
Hello,

One certificate is missing from your file no. 07001234 (Cabinet Éléonore):

– Professional indemnity insurance certificate (RC Pro), categories COA and IOBSP
  To be filed by 28 February 2026. The present cover runs up to and including 28 February 2026; the new \
certificate must cover the period from 1 March 2026.

We have received:
– Financial guarantee, COA: certificate received on 12 January 2026; it is accepted and covers up to and \
including 28 February 2027.

If you have filed your certificate since, there is nothing you need to do.

See your file and file a certificate
https://registre.example/dossier/07001234/

Registre des intermédiaires

Why this message? If your file is complete already, say so on this page:
https://registre.example/pourquoi/n42:c2lnbmVk/

Automatic message about your entry in the register, sent by Registre des intermédiaires to \
contact@cabinet.example. To write to us: assistance@registre.example.
"""
    )


def test_the_html_is_small_stated_in_its_language_and_fetches_nothing() -> None:
    html = render(CONTENT, LETTERHEAD).html
    assert html.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert '<html lang="en">' in render(replace(CONTENT, language="en"), LETTERHEAD).html
    assert len(html.encode()) < 8192
    assert not any(tag in html for tag in ("<img", "<script", "<link", "<style", "@import", "url("))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("overdue", [False, True])
def test_both_forms_hold_the_same_words_and_links(language: str, overdue: bool) -> None:
    items = (*item(overdue=overdue), replace(INDEMNITY_DUE, kind=CoverKind.FINANCIAL_GUARANTEE))
    rendered = render(replace(CONTENT, language=language, items=items), LETTERHEAD)
    read = _Reader()
    read.feed(rendered.html)
    assert sorted(read.words) == sorted(rendered.text.replace("– ", "").split())


class _Reader(HTMLParser):
    """The words of a page as read aloud, with each link's address after its text; not the title."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._href: str | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        self._href = dict(attrs).get("href")

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if not self._in_title:
            self.words += data.split()
            if self._href is not None:
                self.words.append(self._href)
                self._href = None


# -- what changes the words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"state": CoverState.LAPSED, "overdue": True},
            "Elle était attendue au plus tard le 28 février 2026. La dernière couverture connue a pris fin "
            "le 28 février 2026\u00a0; la nouvelle attestation doit couvrir, sans interruption, la période "
            "à partir du 1er mars 2026.",
        ),
        (
            {"due_on": date(2026, 1, 31), "overdue": True},
            "Elle était attendue au plus tard le 31 janvier 2026. La couverture actuelle court jusqu’au "
            "28 février 2026 inclus",
        ),
        (
            {"state": CoverState.MISSING, "term": None},
            "À déposer au plus tard le 28 février 2026. Aucune attestation en cours de validité ne figure au dossier.",
        ),
        (
            {"state": CoverState.LAPSED, "term": None},
            "Aucune attestation en cours de validité ne figure au dossier.",
        ),
        (
            {"state": CoverState.BELOW_MINIMUM},
            "Les montants de l’attestation reçue sont inférieurs au minimum réglementaire\u00a0: il nous "
            "faut une "
            "attestation rectifiée.",
        ),
        (
            {"kind": CoverKind.FINANCIAL_GUARANTEE, "categories": (Category.COA,)},
            "– Attestation de garantie financière, catégorie COA\n",
        ),
        (
            {"categories": (Category.COA, Category.IOB, Category.CIF)},
            "catégories COA, IOBSP et CIF\n",
        ),
    ],
)
def test_each_state_has_its_sentence_in_french(changes: dict[str, object], said: str) -> None:
    assert said in text_of(items=item(**changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"state": CoverState.LAPSED, "overdue": True},
            "It was expected by 28 February 2026. The last cover we know of ended on 28 February 2026; "
            "the new "
            "certificate must cover, without a gap, the period from 1 March 2026.",
        ),
        ({"state": CoverState.MISSING, "term": None}, "There is no certificate in force on file."),
        (
            {"state": CoverState.BELOW_MINIMUM},
            "below the legal minimum: we need a corrected certificate.",
        ),
        (
            {"kind": CoverKind.FINANCIAL_GUARANTEE, "categories": (Category.COA,)},
            "– Financial guarantee certificate, category COA\n",
        ),
    ],
)
def test_each_state_has_its_sentence_in_english(changes: dict[str, object], said: str) -> None:
    assert said in text_of(language="en", items=item(**changes))


@pytest.mark.parametrize(
    ("status", "until", "said"),
    [
        ("AWAITING_REVIEW", date(2027, 2, 28), "elle est en cours d’examen."),
        ("ACCEPTED", None, "elle est acceptée."),
        ("ACCEPTED", date(2027, 2, 28), "elle est acceptée et couvre jusqu’au 28 février 2027 inclus."),
        (
            "REFUSED",
            date(2027, 2, 28),
            "elle n’a pas pu être retenue, le motif figure dans votre dossier.",
        ),
    ],
)
def test_what_became_of_a_certificate_received(status: str, until: date | None, said: str) -> None:
    line = replace(GUARANTEE_RECEIVED, status=status, until=until)
    assert f"attestation reçue le 12 janvier 2026\u00a0; {said}\n" in text_of(received=(line,))


def test_nothing_is_said_of_received_papers_where_there_are_none() -> None:
    rendered = render(replace(CONTENT, received=()), LETTERHEAD)
    assert "reçu" not in rendered.text
    assert "reçu" not in rendered.html


LATE_IN_FRENCH = (
    "Si vous avez déposé votre attestation depuis, vous n’avez rien à faire. Sinon, merci de la déposer "
    "dès que "
    "possible. Ce message n’est pas une décision et ne change rien à votre inscription."
)
LATE_IN_ENGLISH = (
    "If you have filed your certificate since, there is nothing you need to do. If not, please file it "
    "as soon as "
    "you can. This message is not a decision and changes nothing in your registration."
)


@pytest.mark.parametrize(
    ("language", "subject", "opening", "reassurance"),
    [
        (
            "fr",
            "Dossier n°\u00a007001234\u00a0: attestation RC Pro non reçue au 28 février 2026",
            "Il manque encore une attestation à votre dossier",
            LATE_IN_FRENCH,
        ),
        (
            "en",
            "File no. 07001234: professional indemnity certificate not received by 28 February 2026",
            "One certificate is still missing from your file",
            LATE_IN_ENGLISH,
        ),
    ],
)
def test_after_the_deadline_the_letter_says_so_and_that_it_decides_nothing(
    language: str, subject: str, opening: str, reassurance: str
) -> None:
    rendered = render(replace(CONTENT, language=language, items=item(overdue=True)), LETTERHEAD)
    assert rendered.subject == subject
    assert opening in rendered.text
    assert f"\n{reassurance}\n" in rendered.text


@pytest.mark.parametrize(
    ("language", "count", "overdue", "subject", "opening", "reassurance"),
    [
        (
            "fr",
            2,
            False,
            "deux attestations à déposer, la première au plus tard le 31 janvier 2026",
            "Il manque deux",
            "vos",
        ),
        (
            "fr",
            2,
            True,
            "deux attestations attendues, dont une non reçue au 31 janvier 2026",
            "Il manque encore deux",
            "les déposer",
        ),
        ("fr", 5, False, "5 attestations à déposer", "Il manque 5 attestations", "vos attestations"),
        (
            "en",
            2,
            False,
            "two certificates due, the first by 31 January 2026",
            "Two certificates are missing",
            "your cert",
        ),
        (
            "en",
            2,
            True,
            "two certificates awaited, one of them not received by 31 January 2026",
            "Two certificates are still missing",
            "file them",
        ),
        ("en", 5, False, "5 certificates due, the first by", "5 certificates are missing", "your certificates"),
    ],
)
def test_several_certificates_are_counted_and_the_subject_is_true_of_each(
    language: str, count: int, overdue: bool, subject: str, opening: str, reassurance: str
) -> None:
    first = replace(INDEMNITY_DUE, due_on=date(2026, 1, 31), overdue=overdue)
    items = (INDEMNITY_DUE,) * (count - 1) + (first,)
    rendered = render(replace(CONTENT, language=language, items=items), LETTERHEAD)
    assert subject in rendered.subject
    assert opening in rendered.text
    assert reassurance in rendered.text


@given(
    state=st.sampled_from(sorted(OPEN_STATES)),
    overdue=st.booleans(),
    kind=st.sampled_from(CoverKind),
    term=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    days=st.integers(-90, 90),
    language=st.sampled_from(["fr", "en"]),
)
def test_french_spacing_and_sober_words_in_every_letter(
    state: str, overdue: bool, kind: CoverKind, term: date, days: int, language: str
) -> None:
    line = ItemLine(kind, (Category.COA,), state, term, term + timedelta(days=days), overdue)
    rendered = render(replace(CONTENT, language=language, items=(line,)), LETTERHEAD)
    words = rendered.subject + "\n" + rendered.text
    assert "07001234" in rendered.subject
    assert "'" not in words
    assert "!" not in words
    assert not any(word in words.lower() for word in ("unsubscribe", "désabonner", "désinscrire", "none", "null"))
    if language == "fr":
        assert not any(f" {mark}" in words for mark in ":;?»")


@pytest.mark.parametrize(
    ("language", "days", "subject"),
    [
        ("fr", [(31, True), (31, True)], "deux attestations non reçues au 31 janvier 2026"),
        ("fr", [(31, True), (30, True)], "deux attestations non reçues au 31 janvier 2026"),
        ("fr", [(31, False), (31, False)], "deux attestations à déposer au plus tard le 31 janvier 2026"),
        (
            "fr",
            [(30, True), (29, True), (31, False)],
            "trois attestations attendues, dont deux non reçues au 30 janvier 2026",
        ),
        ("en", [(31, True), (30, True)], "two certificates not received by 31 January 2026"),
        ("en", [(31, False), (31, False)], "two certificates due by 31 January 2026"),
        (
            "en",
            [(30, True), (29, True), (31, False)],
            "three certificates awaited, two of them not received by 30 January 2026",
        ),
    ],
)
def test_a_subject_never_calls_late_what_is_not(language: str, days: list[tuple[int, bool]], subject: str) -> None:
    """Fails where one late item makes all late, or where the earliest day stands for those that had longer."""
    items = tuple(replace(INDEMNITY_DUE, due_on=date(2026, 1, day), overdue=late) for day, late in days)
    rendered = render(replace(CONTENT, language=language, items=items), LETTERHEAD)
    assert rendered.subject.endswith(subject)
