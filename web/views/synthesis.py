"""The yearly synthesis of complaints: on a page, on paper, for a spreadsheet."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.english import told
from api.problems import label_of, said
from hotline.management.synthesis_pdf import delays, synthesis_pdf, volume
from hotline.rules.complaints import ComplaintChannel, ComplaintOutcome, Matter
from hotline.worklists import CSV_COLUMNS, csv_lines, synthesis_of
from registry import clock
from registry.management.arguments import YEARS
from registry.management.spreadsheet import write_csv
from registry.rules.labels import LabelledEnum
from web.access import SEE_COMPLAINTS, page, staff
from web.attached import attached
from web.pictures import Bar, bars

LONGEST_MEASURES = 4000


def _year(request: HttpRequest) -> int:
    """The one asked for, else this one."""
    text, now = request.GET.get("annee", ""), clock.now()
    year = int(text) if text.isdecimal() and len(text) == len("2026") else 0
    return year if year in YEARS else clock.local_day(now).year


@require_safe
@staff(SEE_COMPLAINTS)
def synthesis(request: HttpRequest) -> HttpResponse:
    """A year counted: volume, nature, delays, quality of the answers."""
    year, day = _year(request), clock.local_day(clock.now())
    found = synthesis_of(year, day)
    matters = _bars(found.by_matter, Matter)
    context = {
        "section": "desk",
        "tab": "complaints",
        "year": year,
        "years": range(day.year, day.year - 5, -1),
        "found": found,
        "figures": [(told(name), figure) for name, figure in (*volume(found), *delays(found))],
        "matters": matters,
        "picture": bars(matters, said("Réclamations par objet", "Complaints by matter")) if matters else "",
        "tables": [
            (said("Par canal", "By way"), _bars(found.by_channel, ComplaintChannel)),
            (said("Par issue", "By outcome"), _bars(found.by_outcome, ComplaintOutcome)),
        ],
    }
    return page(request, "web/complaints/synthesis.html", context)


def _bars(counts: dict[str, int], codes: type[LabelledEnum]) -> list[Bar]:
    return [Bar(label_of(codes(code)), count) for code, count in counts.items()]


@require_safe
@staff(SEE_COMPLAINTS)
def pdf(request: HttpRequest) -> HttpResponse:
    """On paper, for those who govern; what was found and done is in the words of whoever signs it (`mesures`)."""
    now, year = clock.now(), _year(request)
    measures = request.GET.get("mesures", "")[:LONGEST_MEASURES].strip()
    content = synthesis_pdf(synthesis_of(year, clock.local_day(now)), measures=measures, made_at=now)
    return attached(content, f"synthese-reclamations-{year}.pdf", "application/pdf")


@require_safe
@staff(SEE_COMPLAINTS)
def spreadsheet(request: HttpRequest) -> HttpResponse:
    """One line a complaint, without names."""
    year, day = _year(request), clock.local_day(clock.now())
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "synthesis.csv"
        write_csv(path, csv_lines(year, day), list(CSV_COLUMNS.values()))
        content = path.read_bytes()
    return attached(content, f"reclamations-{year}.csv", "text/csv; charset=utf-8")
