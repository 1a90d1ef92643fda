"""What the pages of the tests show: a register with somebody due, a batch in each state, and who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client

from hotline.models import LookUp
from registry.models import Intermediary
from reminders.messages.links import why_token
from reminders.models import Batch, Notice
from reminders.planning.approval import approve_batch, release_batch
from tests.api.callers import staff_in
from tests.factories import NOW, CoverFactory
from tests.reminders.scenes import due_file, person, planned_batch

ROLES = ("hotline_agent", "hotline_lead", "hotline_extra", "auditor", "registry_officer", "approver", "administrator")
HEAVIEST = 150_000
MOST_QUERIES = 10
NUMBER = "08000041"


@dataclass(frozen=True)
class Stage:
    """Somebody who is due, and the batch that would tell it."""

    durand: Intermediary
    batch: Batch

    @property
    def token(self) -> str:
        """The key of the page that tells why."""
        return why_token(Notice.objects.get(batch=self.batch, intermediary=self.durand).key)


def set_stage(**changes: Any) -> Stage:
    """Three who are due, and a draft by the planner; what is on the pages is private but for name and town."""
    durand = due_file(NUMBER, categories=("COA", "IOB"), email="durand@example.org", with_funds=True)
    Intermediary.objects.filter(pk=durand.pk).update(
        name="Cabinet Durand & <Fils>", siren="552100554", phone_e164="+33123456789", phone_key="123456789", town="Lyon"
    )
    CoverFactory(
        intermediary=durand,
        kind="FINANCIAL_GUARANTEE",
        categories=["COA", "IOB"],
        imported=True,
        ends_on=date(2026, 2, 28),
    )
    due_file("08000042")
    due_file("08000043")
    durand.refresh_from_db()
    return Stage(durand, planned_batch(**changes))


def approved(batch: Batch) -> Batch:
    """A second person agrees."""
    return approve_batch(batch_id=batch.pk, by=person("second"), list_hash=batch.hash, count=batch.planned, now=NOW)


def released(batch: Batch) -> Batch:
    """Its first step may leave."""
    approved(batch)
    return release_batch(batch_id=batch.pk, by=person("planner"), now=NOW)


def signed_in(role: str, name: str | None = None) -> Client:
    """A browser in which somebody of that role has signed in."""
    client = Client()
    client.force_login(staff_in(role, name))
    return client


def checked(client: Client, number: str) -> None:
    """The caller at the desk has proved who they are: this agent sees the whole file."""
    client.get("/assistance/", {"q": number})
    opened = LookUp.objects.order_by("-id").first()
    assert opened
    proofs = {"number": "on", "siren": "on"}
    answer = client.post("/assistance/verifier/", {"consultation": opened.pk} | proofs)
    assert answer.status_code == 303, answer.text


class Page(HTMLParser):
    """What a browser would load, run and announce."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attrs for tag, attrs in self.tags if tag == name]

    @property
    def loaded(self) -> list[str]:
        """The addresses of all that it loads."""
        found = [link["href"] for link in self.all("link")] + [i["src"] for i in self.all("img") + self.all("script")]
        return [str(address) for address in found]

    @property
    def inline(self) -> list[str]:
        """What the policy forbids: styles, scripts and handlers in the page itself."""
        scripts = [str(attrs) for attrs in self.all("script") if not attrs.get("src")]
        said = [
            f"{tag} {name}" for tag, attrs in self.tags for name in attrs if name == "style" or name.startswith("on")
        ]
        return scripts + said + [str(attrs) for attrs in self.all("style")]


def weight(text: str) -> int:
    """Bytes of a page and of all that it loads, as they lie on the disk: a server's compression comes on top."""
    files = {finders.find(address.removeprefix("/static/")) for address in Page(text).loaded}
    return len(text.encode()) + sum(Path(str(path)).stat().st_size for path in files)
