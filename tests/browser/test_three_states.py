"""Every page of the registry's staff with nothing to show, with all there is, and refusing what was typed: by axe, in
both themes, at 1280 and at 320 pixels. An address that is not seen so fails.

Where this machine has no Chromium, or not the packages to drive it, this is reported as not run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import clock
from tests.browser.test_journeys import (  # noqa: F401 - fixtures
    SCREEN,
    Open,
    browser,
    pytestmark,
    violations,
    window,
)
from tests.factories import (
    NOW,
    DeadlineDecisionFactory,
    IntermediaryMergeFactory,
    RegisterImportFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    SignalFactory,
)
from tests.registry.register_files import row, written
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import send
from tests.removing import Procedure, at, lapsed, members, ordered
from tests.web.hotline_rows import HOTLINE_ROWS
from tests.web.staff_rows import a_destruction, the_order
from tests.web.staff_stage import a_comparison, a_paper, an_agreement, as_role, the_case, the_paper
from tests.web.stage import NUMBER, Stage, released, set_stage
from tests.web.test_every_page import FILES, STAFF

DAY = date(2032, 5, 28)
SPACE = "/espace/"
NARROW = {"width": 320, "height": 640}
EMPTY, FULL, REFUSED = "with nothing to show", "with all there is", "refusing"

BARE = (
    "", "arret/", "lots/", "lots/preparer/", "prevision/", "campagne/", "pieces/", "dossiers/?q=introuvable",
    "exceptions/incertains/", "exceptions/refuses/", "exceptions/adresses/", "fusions/", "fusions/?doublons=oui",
    "imports/", "suppressions/", "suppressions/ouvrir/", "delais/", "rapports/", "commission/", "commission/saisir/",
    "ordres/", "ordres/saisir/", "ordres/reinscrire/", "destructions/", "signalements/", "demandes/?annee=2032",
    "frais/?annee=2032",
)  # fmt: skip
"""Shown of an empty register."""

TYPED: dict[str, dict[str, Any]] = {
    "arret/": {"reason": ""},
    "lots/preparer/": {"day": "x"},
    "pieces/lot/": {},
    "exceptions/partie/1/": {},
    "exceptions/confirmer/1/": {},
    "fusions/ecarter/": {},
    "fusions/1/defaire/": {},
    "fusions/signer/": {"keep": "08000042", "drop": "08000043", "hash": "x", "reason": ""},
    "imports/deposer/": {},
    "suppressions/ouvrir/": {"number": "1"},
    "delais/decider/": {"what": "x"},
    "commission/saisir/": {"held_on": "2032-05-28", "reason": ""},
    "commission/membres/": {"code": "?", "reason": "x"},
    "ordres/saisir/": {"number": "1"},
    "ordres/reinscrire/": {"number": "1"},
    "destructions/signer/": {"reason": ""},
    "destructions/conserver/": {"number": "1"},
    "demandes/ouvrir/": {"annee": "2032"},
    "demandes/papier/": {"annee": "2032"},
    "demandes/reglement/": {"annee": "2032"},
    "demandes/1/confirmer/": {"annee": "2032"},
    "frais/ecrire/": {"annee": "2032"},
    "frais/postees/": {"annee": "2032"},
    "signalements/1/": {"outcome": " "},
}
"""What these forms refuse, whatever the register holds."""

NO_SUCH_STATE = {
    ("web/staff/work.html", REFUSED): "asks nothing",
    ("web/staff/batches.html", REFUSED): "asks nothing",
    ("web/staff/examples.html", REFUSED): "asks nothing",
    ("web/staff/forecast.html", REFUSED): "takes an unknown number of weeks for the usual one",
    ("web/staff/campaign.html", REFUSED): "asks nothing",
    ("web/staff/reports/index.html", REFUSED): "asks nothing",
    ("web/staff/orders/index.html", REFUSED): "asks nothing",
    ("web/staff/removals/index.html", REFUSED): "asks nothing",
    ("web/staff/merges/agreement.html", EMPTY): "is of two files",
    ("web/staff/imports/comparison.html", EMPTY): "is of a file",
    ("web/staff/removals/case.html", EMPTY): "has its opening",
    ("web/staff/purges/agreement.html", EMPTY): "is of a list",
    ("web/staff/sessions/session.html", EMPTY): "has a vote at least",
    ("web/staff/orders/order.html", EMPTY): "is one act",
}
"""Of these pages."""


class Seen(NamedTuple):
    """A page, as the server made it."""

    state: str
    path: str
    answer: Any

    @property
    def address(self) -> str:
        """Its name among the site's."""
        return str(self.answer.resolver_match.url_name)

    @property
    def template(self) -> str:
        """By what it was made: a refusal is told on the page of another address."""
        return str(self.answer.templates[0].name)


class Visitor:
    """Who looks at all of it."""

    def __init__(self) -> None:
        self.client: Client = as_role("administrator")

    def see(self, state: str, path: str) -> Seen:
        """A page that is there."""
        answer = self.client.get(path if path.startswith("/") else SPACE + path)
        assert answer.status_code == 200, path
        return Seen(state, path, answer)

    def refused(self, path: str, typed: dict[str, Any] | None) -> Seen:
        """A page that refuses what was typed; None: what its address asks for."""
        path = path if path.startswith("/") else SPACE + path
        answer = self.client.get(path) if typed is None else self.client.post(path, typed)
        assert answer.status_code == 409, (path, answer.status_code)
        return Seen(REFUSED, path, answer)


def batches(visitor: Visitor, stage: Stage) -> Iterator[Seen]:
    """A draft, then its release: before the first message left, and after the last."""
    lot = f"lots/{stage.batch.pk}/"
    for path in (lot, f"{lot}exemples/", "lots/preparer/"):
        yield visitor.see(FULL, path)
    yield visitor.refused(f"{lot}approuver/", {"count": "4"})
    released(stage.batch)
    for path in (f"{lot}suivi/", f"rapports/lots/{stage.batch.pk}/"):
        yield visitor.see(EMPTY, path)
    yield visitor.refused(f"{lot}reprendre/", {"reason": ""})
    send()
    for path in (lot, f"{lot}exemples/"):
        yield visitor.see(EMPTY, path)
    for path in (f"{lot}suivi/", f"rapports/lots/{stage.batch.pk}/", "lots/"):
        yield visitor.see(FULL, path)
    yield visitor.refused(f"rapports/lots/{stage.batch.pk}/", {"text": " "})


def papers(visitor: Visitor) -> Iterator[Seen]:
    """Certificates to review, files, and what the machine leaves to people."""
    paper = the_paper()
    bare = a_paper(clean=False, deposited_on=date(2025, 11, 20), issuer="Assureur inconnu")
    came_back(mailed(person=paper.intermediary, discharges=None))
    for state in ("UNCERTAIN", "REFUSED"):
        mailed(state)
    yield visitor.see(EMPTY, f"pieces/{bare.pk}/")
    yield visitor.refused(f"pieces/{paper.pk}/demander/", {})
    yield visitor.see(EMPTY, "dossiers/08000043/")
    yield visitor.see(REFUSED, "dossiers/?q=x")
    yield visitor.refused(f"dossiers/{NUMBER}/?connu=hier", None)
    for path in (
        "", "pieces/", "pieces/?pour=moi", f"pieces/{paper.pk}/", "dossiers/?q=cabinet", f"dossiers/{NUMBER}/",
        f"dossiers/{paper.intermediary.orias_number}/?jour=2026-03-10", "exceptions/incertains/",
        "exceptions/refuses/", "exceptions/adresses/", "rapports/", "prevision/", "campagne/",
    ):  # fmt: skip
        yield visitor.see(FULL, path)


def files(visitor: Visitor, register: bytes) -> Iterator[Seen]:
    """Numbers merged, register files compared, cases opened, days given back."""
    pair = "fusions/apercu/?garde=08000042&abandonne="
    yield visitor.see(EMPTY, f"{pair}08000042")
    yield visitor.see(FULL, f"{pair}08000043")
    agreement = f"{SPACE}fusions/accord/{an_agreement()}/"
    yield visitor.see(FULL, agreement)
    yield visitor.refused(agreement, {})
    IntermediaryMergeFactory()
    yield visitor.see(FULL, "fusions/?doublons=oui")
    deposit = {"file": SimpleUploadedFile("registre.csv", register)}
    compared = visitor.client.post(f"{SPACE}imports/deposer/", deposit).headers["Location"]
    yield visitor.see(FULL, compared)
    yield visitor.refused(f"{compared}signer/", {"reason": ""})
    yield visitor.refused(f"imports/comparaison/{a_comparison()}/a-corriger.csv", None)
    signed = visitor.client.post(f"{compared}signer/", {"reason": "essai", "skip_errors": "on"}).headers["Location"]
    yield visitor.see(FULL, signed)
    yield visitor.refused(signed, {})
    RegisterImportFactory(counts=dict.fromkeys(("new", "changed", "removed", "error"), 2))
    DeadlineDecisionFactory(freeze=True)
    case = the_case()
    for path in ("imports/", "delais/", "suppressions/", f"suppressions/{case.pk}/", "arret/"):
        yield visitor.see(FULL, path)
    yield visitor.refused(f"suppressions/{case.pk}/avis/", {})


def law(visitor: Visitor) -> Iterator[Seen]:
    """A session counted and entered, an order, a destruction, the requests of a year, signals."""
    members(named_on=date(2031, 1, 1))
    procedure = Procedure(lapsed())
    procedure.formally(date(2032, 5, 3))
    case = procedure.case
    ordered(lapsed(), date(2026, 5, 4))
    SignalFactory()
    SignalFactory(settled=True)
    RenewalRequestFactory(year=2032, entered=True)
    RenewalRequestFactory(year=2032, filed=True)
    order = the_order()
    enter = f"{SPACE}commission/saisir/"
    voices = {f"v-{case.pk}-m{n}": "FOR" for n in (1, 2, 3)} | {"held_on": DAY.isoformat(), "reason": "feuille"}
    counted = visitor.client.post(enter, voices)
    yield Seen(FULL, "counted", counted)
    digest = counted.text.split('name="digest" value="')[1][:64]
    where = visitor.client.post(enter, voices | {"digest": digest}).headers["Location"]
    number = RegistrationFactory().intermediary.orias_number
    given = {"kind": "SUSPENSION", "authority": "AMF", "act": "A", "dated_on": "2032-05-03", "reason": "essai"}
    given |= {"number": number, "category": "COA"}
    yield Seen(FULL, "order preview", visitor.client.post(f"{SPACE}ordres/saisir/", given))
    opening = {"annee": "2032", "reason": "x"}
    yield Seen(FULL, "opening", visitor.client.post(f"{SPACE}demandes/ouvrir/", opening))
    destruction = f"{SPACE}destructions/accord/{a_destruction()}/"
    for path in (
        where, f"ordres/{order.pk}/", destruction, "commission/", "commission/saisir/", "ordres/", "ordres/saisir/",
        "ordres/reinscrire/", "destructions/", "signalements/", "demandes/?annee=2032", "frais/?annee=2032",
        f"suppressions/{case.pk}/", "suppressions/ouvrir/",
    ):  # fmt: skip
        yield visitor.see(FULL, path)
    for path in (f"{where}signer/", f"ordres/{order.pk}/", destruction):
        yield visitor.refused(path, {})


SHOW = """text => {
    const main = new DOMParser().parseFromString(text, "text/html").querySelector("main")
    main.querySelectorAll("iframe").forEach(paper => paper.removeAttribute("src"))
    document.querySelector("main").replaceWith(main)
}"""
"""A paper is not opened: that is seen by whoever reviews it with the keyboard."""

THEMES = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}


def faults_of(page: Any, seen: Seen) -> list[tuple[str, ...]]:
    """Shown in a document that has axe already: head and foot are the same for all and looked at elsewhere."""
    name, found = f"{seen.path} ({seen.state}", []
    page.evaluate(SHOW, seen.answer.text)
    for theme, rules in THEMES.items():
        page.emulate_media(color_scheme=theme)
        found += violations(page, f"{name}, {theme})", of="main", **rules)
    page.set_viewport_size(NARROW)
    if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
        found.append((name, f"{width} pixels wide"))
    page.set_viewport_size(SCREEN)
    return found


def not_seen(seen: list[Seen]) -> list[tuple[str, str]]:
    """Each address of the staff that no visit came to, and each page that lacks a state."""
    states, made_by = defaultdict(set), {one.address: one.template for one in seen}
    for one in seen:
        states[one.template].add(one.state)
    lacking = [(name, "not seen") for name in set(STAFF) - set(HOTLINE_ROWS) - FILES - {"review_next"} - set(made_by)]
    for page in set(made_by.values()):
        wanted = {EMPTY, FULL, REFUSED} - {state for of, state in NO_SUCH_STATE if of == page}
        lacking += [(page, state) for state in wanted - states[page]]
    return sorted(lacking)


def test_every_page_of_the_staff_has_nothing_for_axe_in_three_states_and_both_themes(
    window: Open,  # noqa: F811
    db: None,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails too where an address (their list is compared with the site's: test_every_page) has not its three states."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    register = written(tmp_path / "r.csv", row(1), row(2, email="sans arobase")).read_bytes()
    visitor = Visitor()
    page = window(visitor.client)
    page.goto(SPACE)
    seen: list[Seen] = []
    found: list[tuple[str, ...]] = violations(page, SPACE)

    def look(visits: Iterator[Seen]) -> None:
        for one in visits:
            seen.append(one)
            found.extend(faults_of(page, one))

    look(visitor.see(EMPTY, path) for path in BARE)
    stage = set_stage()
    look(visitor.refused(path, typed) for path, typed in TYPED.items())
    look(batches(visitor, stage))
    look(papers(visitor))
    look(files(visitor, register))
    monkeypatch.setattr(clock, "now", lambda: at(DAY))
    look(law(visitor))
    assert not found, "\n".join(map(str, found))
    assert not (lacking := not_seen(seen)), "\n".join(map(str, lacking))
