"""Forecast the reminders of the days to come, with the calls and agents that they mean. Nothing is sent or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from registry import clock
from registry.management.arguments import iso_day
from registry.management.console import WrongUse, add_json, progress
from registry.management.spreadsheet import write_csv
from reminders.config import EngineSettings, engine_settings
from reminders.management.shared import BatchCommand
from reminders.planning.forecast import ForecastDay, days_to_simulate, forecast, under_way
from reminders.planning.forecast_chart import forecast_svg, number, plural, short_day

LONGEST = 400
"""Days of a period, and days from today to its beginning."""


class Command(BatchCommand):
    """Ask the rules day by day, show the outcome."""

    help = (
        "Forecast, for each day on which mails may leave, how many notices of each wave would go if nothing changed, "
        "the calls they draw, and the agents who answer 80 % of them in 20 seconds (Erlang C). Each day is taken to be "
        "approved and sent whole. Nothing is written."
    )
    examples = """
  manage.py forecast --from 2026-01-05 --to 2026-03-15
  manage.py forecast --from 2026-01-05 --to 2026-03-15 --csv prevision.csv --svg prevision.svg
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The period, and in which form."""
        parser.add_argument("--from", dest="first", type=iso_day, metavar="DAY", required=True, help="first day")
        parser.add_argument("--to", dest="last", type=iso_day, metavar="DAY", required=True, help="last day")
        add_json(parser)
        parser.add_argument("--csv", type=Path, metavar="OUT", help="write the table to OUT, for a spreadsheet")
        parser.add_argument("--svg", type=Path, metavar="OUT", help="write a chart to OUT")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, show the outcome."""
        first, last = options["first"], options["last"]
        today, engine = clock.local_day(clock.now()), engine_settings()
        _require_period(first, last, today)
        days = days_to_simulate(first, last, today=today, window=engine.window)
        with progress("Prévision", len(days)) as advance:
            told = [day for day in forecast(days, engine, advance=advance) if day.day >= first]
        report = _report(first, last, told, engine, under_way(days[0]) if days else 0)
        if options["csv"]:
            _write_table(options["csv"], report)
        if options["svg"]:
            options["svg"].write_text(forecast_svg(told, _title(first, last)), encoding="utf-8")
        if options["json"]:
            self.print_json(report)
            return
        _show(report, told, Console())
        self._notes(report, told, today, engine)

    def _notes(
        self, report: Mapping[str, Any], told: Sequence[ForecastDay], today: date, engine: EngineSettings
    ) -> None:
        if report["under_way"]:
            verb = "ajoutent" if report["under_way"] > 1 else "ajoute"
            more = plural(report["under_way"], "relance")
            self.stdout.write(f"S’y {verb} {more} de lots déjà lancés, à compter du premier jour.")
        if too_long := _too_long(told, engine):
            self.stdout.write(
                f"Au rythme fixé, une journée d’envoi ne suffit pas à la liste de {plural(too_long, 'jour')}."
            )
        if date.fromisoformat(report["from"]) < today:
            self.stdout.write("Les jours passés sont calculés d’après les dossiers et les envois connus aujourd’hui.")


def _require_period(first: date, last: date, today: date) -> None:
    if last < first:
        raise WrongUse(f"La période finit le {last:%d/%m/%Y}, avant de commencer\u00a0: --to doit suivre --from.")
    if (last - first).days >= LONGEST:
        raise WrongUse(f"La période compte {(last - first).days + 1} jours\u00a0: {LONGEST} au plus.")
    if (first - today).days > LONGEST:
        raise WrongUse(f"La période commence dans plus de {LONGEST} jours\u00a0: choisissez --from plus tôt.")


def _report(
    first: date, last: date, told: Sequence[ForecastDay], engine: EngineSettings, already: int
) -> dict[str, Any]:
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "days": [_plain(day) for day in told],
        "total": sum(day.notices for day in told),
        "expected_calls": round(sum(day.load.calls for day in told)),
        "under_way": already,
        "pace_per_hour": engine.pace_per_hour,
        "agents": engine.hotline.agents,
        "call_seconds": engine.hotline.call_seconds,
        "calls_per_mail": engine.hotline.calls_per_mail,
    }


def _plain(day: ForecastDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "waves": day.waves,
        "notices": day.notices,
        "expected_calls": round(day.load.calls),
        "expected_calls_per_hour": round(day.load.calls_per_hour),
        "agents_needed": day.load.agents_needed,
    }


def _title(first: date, last: date) -> str:
    return f"Relances prévues du {first:%d/%m/%Y} au {last:%d/%m/%Y}, si rien ne change"


def _write_table(path: Path, report: Mapping[str, Any]) -> None:
    rows = [
        {
            "jour": day["day"],
            # Named so, no wave can be taken for another column, nor for a formula.
            **{f"vague {wave}": n for wave, n in day["waves"].items()},
            "relances": day["notices"],
            "appels": day["expected_calls"],
            "appels_par_heure": day["expected_calls_per_hour"],
            "agents": day["agents_needed"],
        }
        for day in report["days"]
    ]
    write_csv(path, rows, list(rows[0]) if rows else ["jour", "relances", "appels", "appels_par_heure", "agents"])


def _too_long(told: Sequence[ForecastDay], engine: EngineSettings) -> int:
    """How many days plan more than leaves within that day's window at the pace."""
    most = engine.pace_per_hour * (engine.window.closes - engine.window.opens) // 60
    return sum(day.notices > most for day in told) if most else 0


def _show(report: Mapping[str, Any], told: Sequence[ForecastDay], console: Console) -> None:
    first, last = date.fromisoformat(report["from"]), date.fromisoformat(report["to"])
    console.print(_title(first, last), style="bold", highlight=False)
    busy = [day for day in told if day.notices]
    if busy:
        console.print(_table(busy, report))
    console.print(_in_short(report, len(told), len(busy)), highlight=False)
    console.print(_assumptions(report), highlight=False)


def _table(busy: Sequence[ForecastDay], report: Mapping[str, Any]) -> Table:
    waves = [wave for wave in busy[0].waves if any(day.waves[wave] for day in busy)]
    table = Table("Jour", box=None, padding=(0, 1, 0, 0), pad_edge=False, show_footer=True)
    for name in (*waves, "Relances", "Appels", "Par h", "Agents"):
        table.add_column(name, justify="right", no_wrap=True)
    for day in busy:
        counts = [number(day.waves[wave]) if day.waves[wave] else "" for wave in waves]
        load = day.load
        calls = [number(round(load.calls)), number(round(load.calls_per_hour)), number(load.agents_needed)]
        table.add_row(short_day(day.day), *counts, number(day.notices), *calls)
    table.columns[0].footer, table.columns[0].no_wrap = "Total", True
    table.columns[-4].footer, table.columns[-3].footer = number(report["total"]), number(report["expected_calls"])
    return table


def _in_short(report: Mapping[str, Any], days: int, busy: int) -> str:
    if not days:
        return "Aucun jour d’envoi dans cette période."
    if not busy:
        return f"Aucune relance en {plural(days, 'jour')} d’envoi."
    told = f"{plural(report['total'], 'relance')}, {plural(report['expected_calls'], 'appel')}"
    return f"{told}, sur {plural(busy, 'jour')}\u00a0; {plural(days - busy, 'jour')} d’envoi sans relance."


def _assumptions(report: Mapping[str, Any]) -> str:
    pace = report["pace_per_hour"]
    sent = f"envoyées au rythme de {number(pace)} par heure" if pace else "envoyées en une heure, faute de rythme fixé"
    rate = f"{report['calls_per_mail']:g}".replace(".", ",")
    return (
        f"Hypothèses\u00a0: relances {sent}\u00a0; {rate} appel par courriel\u00a0; "
        f"{number(report['call_seconds'])}\u00a0s par appel\u00a0; 80\u00a0% des appels décrochés en 20\u00a0s "
        f"(Erlang C)\u00a0; {plural(report['agents'], 'agent')} à ce jour."
    )
