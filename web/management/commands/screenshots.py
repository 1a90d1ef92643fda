"""Pictures of the main pages, for the README and for who looks at a change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from PIL import Image

from api.models import Mandate
from registry.management.console import Failed, RegisterCommand
from registry.models import Cover
from registry.rules.facts import CoverStatus
from reminders.messages.links import why_token
from reminders.models import Batch, Notice
from reminders.rules.states import NoticeState
from web.browser import chromium, open_browser
from web.demo.serving import Site
from web.people.backend import PERSON_BACKEND

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

SIZE = {"width": 1280, "height": 800}
THEMES = ("light", "dark")
TALLEST = 1700
VIEWER_MS = 2500
OF_PEOPLE, DOOR = "/mon-espace/", "/mon-espace/connexion/"


class Command(RegisterCommand):
    """Serve the pages on the loopback, and take them."""

    help = (
        "Write a PNG of each main page, light and dark, of the register in the database: after make demo SERVE=0, "
        "with DJANGO_SETTINGS_MODULE=settings.demo. Needs Chromium, and the developers’ packages."
    )
    examples = """
  DJANGO_SETTINGS_MODULE=settings.demo manage.py screenshots --out var/pictures
  DJANGO_SETTINGS_MODULE=settings.demo manage.py screenshots --out docs/pictures --only home,batch
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, which, and as whom."""
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pictures go")
        parser.add_argument("--only", default="", metavar="NAMES", help="these pages alone, with commas between")
        parser.add_argument("--by", default="admin", metavar="USER", help="whose session it is (default: admin)")
        parser.add_argument("--themes", default=",".join(THEMES), help="light, dark or both (default: both)")

    def handle(self, *args: Any, out: Path, only: str, by: str, themes: str, **options: Any) -> None:
        """Take them."""
        path = chromium()
        if path is None:
            raise Failed("Chromium n’est pas installé\u00a0: apt-get install chromium")
        wanted = {name.strip() for name in only.split(",") if name.strip()}
        pages = {name: address for name, address in _pages() if not wanted or name in wanted}
        if not pages:
            raise Failed(f"Aucune page de ce nom. Il y a\u00a0: {', '.join(name for name, _ in _pages())}")
        person = _person()
        cookies = {"staff": _session_of(by)}
        if person:
            cookies["person"] = _session_of(person.username, PERSON_BACKEND)
        out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as closing:
            site = Site()
            closing.callback(site.close)
            threading.Thread(target=site.serve, daemon=True).start()
            browser = closing.enter_context(open_browser(path))
            for theme in (theme for theme in THEMES if theme in themes):
                context = browser.new_context(viewport=SIZE, color_scheme=theme, locale="fr-FR")  # type: ignore[arg-type]
                for name, address in pages.items():
                    context.clear_cookies()
                    if cookie := cookies.get(_whose(address)):
                        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
                    taken = out / f"{name}{'' if theme == 'light' else '-dark'}.png"
                    taken.write_bytes(_take(context, site.url + address))
                    self.stdout.write(f"{taken}\u00a0: {taken.stat().st_size // 1024} ko")


def _pages() -> Iterator[tuple[str, str]]:
    """Each page's name and address, as far as the register has something to show on it."""
    mailed = Notice.objects.filter(state=NoticeState.ACCEPTED.value).select_related("intermediary").order_by("id")
    notice, batch = mailed.first(), Batch.objects.exclude(released_at=None).order_by("-planned").first()
    yield "home", "/"
    if notice:
        number = notice.intermediary.orias_number
        yield "search", f"/recherche/?q={number}"
        yield "file", f"/dossier/{number}/"
        yield "why", f"/pourquoi/{why_token(notice.key)}/"
        yield "desk", f"/assistance/?q={number}"
    yield from (("verify", "/verifier/"), ("status", "/etat/"), ("complaints", "/reclamations/"))
    yield from (("work", "/espace/"), ("batches", "/espace/lots/"), ("plan", "/espace/lots/preparer/"))
    if batch:
        yield "batch", f"/espace/lots/{batch.pk}/"
        yield "examples", f"/espace/lots/{batch.pk}/exemples/"
        yield "live", f"/espace/lots/{batch.pk}/suivi/"
    if person := _person():
        mine = Mandate.objects.filter(holder=person).values_list("intermediary__orias_number", flat=True).first()
        yield "my-home", f"{OF_PEOPLE}{mine}/"
        yield "my-renewal", f"{OF_PEOPLE}{mine}/renouvellement/"
        yield "my-deposit", f"{OF_PEOPLE}{mine}/pieces/deposer/"
    yield "door", DOOR
    deposited = Cover.objects.filter(status=CoverStatus.DEPOSITED.value)
    # The demonstration's first two are in order; the third leaves something to decide.
    if waiting := list(deposited.order_by("papers", "id")[:3])[-1:]:
        yield "review", f"/espace/pieces/{waiting[0].pk}/?risque=oui"
    if notice:
        yield "person", f"/espace/dossiers/{notice.intermediary.orias_number}/"
    yield from (("papers", "/espace/pieces/"), ("exceptions", "/espace/exceptions/incertains/"))
    yield from (("line", "/assistance/ligne/"), ("incidents", "/assistance/incidents/"))
    yield from (("removals", "/espace/suppressions/"), ("commission", "/espace/commission/"))
    yield from (("orders", "/espace/ordres/"), ("requests", "/espace/demandes/"), ("fees", "/espace/frais/"))
    yield from (("forecast", "/espace/prevision/"), ("campaign", "/espace/campagne/"), ("switch", "/espace/arret/"))


def _whose(address: str) -> str:
    """Whose session a page is taken in; the door is for those who have none yet."""
    if address == DOOR:
        return "nobody"
    return "person" if address.startswith(OF_PEOPLE) else "staff"


def _person() -> User | None:
    """Somebody who acts for an intermediary and signs in by a code."""
    return User.objects.filter(emailaddress__isnull=False, mandates__isnull=False).order_by("id").first()


def _session_of(name: str, backend: str = "") -> str:
    """A session as that person's sign-in makes it."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise Failed(f"Aucun utilisateur «\u00a0{name}\u00a0»\u00a0: donnez-en un par --by.")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = backend or settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _take(context: BrowserContext, address: str) -> bytes:
    page = context.new_page()
    page.goto(address)
    if page.locator("iframe").count():
        # The browser's own viewer says to nobody when it has drawn a paper.
        page.wait_for_timeout(VIEWER_MS)
    high = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    taken = page.screenshot(clip={"x": 0, "y": 0, "width": SIZE["width"], "height": high}, full_page=True)
    page.close()
    small = BytesIO()
    Image.open(BytesIO(taken)).convert("RGB").quantize(192).save(small, "PNG", optimize=True)
    return small.getvalue()
