"""Plan 18,000, 100,000 and 1,000,000 due files, each beside the insert of the same rows: is it linear, and flat?

Takes many minutes, so only on request: `python -m bench plan_million`.
"""

from __future__ import annotations

from bench.bare import plan_row
from bench.place import DAY, NOW, Row, empty, fill_with_due_files, peak_megabytes, say, set_up, stopwatch

SIZES = (18_000, 100_000, 1_000_000)


def run(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """From small to large in one process, whose peak so far tells whether the next size needs more memory."""
    set_up()
    return [measured(people) for people in sizes]


def measured(people: int) -> Row:
    """Plan so many due files; their list is not one that can be released any more."""
    from reminders.config import engine_settings
    from reminders.planning.plan import plan_reminders

    empty()
    say(f"  filling the register with {people} due files")
    fill_with_due_files(people, with_history=False)
    say("  planning")
    with stopwatch() as taken:
        batch = plan_reminders(day=DAY, now=NOW, engine=engine_settings(), by=None).batch
    if batch is None or batch.planned != people:
        raise RuntimeError(f"the plan holds {batch and batch.planned} and not {people}")
    return plan_row(f"plan {people:,} candidates of {people:,} files", taken[0], people, peak_megabytes())
