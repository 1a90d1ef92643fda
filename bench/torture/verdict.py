"""What the mail server took beside what the ledger says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """Counts of one run. `lost`: accepted in the ledger and not at the server, or not settled at all."""

    planned: int
    states: Counter[str]
    moods: Counter[str]
    kills: int
    restarts: int
    duplicates: int
    lost: int
    unknown: int
    sent_to_complete: int
    seconds: float

    @property
    def uncertain_at_most(self) -> int:
        """One a killed worker, and one each time the server went away round the final dot."""
        gone = ("hung_up_before_the_dot", "hung_up_after_the_dot", "silent_after_the_dot")
        return self.kills + sum(self.moods[mood] for mood in gone)

    @property
    def holds(self) -> bool:
        """Whether the laws hold: nobody twice, nobody lost, nobody complete, few uncertain, the sum right."""
        broken = self.duplicates or self.lost or self.unknown or self.sent_to_complete
        return not broken and self.states["UNCERTAIN"] <= self.uncertain_at_most and self._sum == self.planned

    @property
    def _sum(self) -> int:
        final = ("ACCEPTED", "UNCERTAIN", "REFUSED", "SKIPPED", "EXPIRED", "CANCELLED")
        return sum(self.states[state] for state in final)

    def told(self, seed: int) -> str:
        """For people, and for bench/RESULTS.md."""
        states = ", ".join(f"{state} {n:,}" for state, n in sorted(self.states.items()))
        moods = ", ".join(f"{mood} {n}" for mood, n in sorted(self.moods.items()))
        return (
            f"seed {seed}: {self.planned:,} planned = {self._sum:,} settled ({states}) in {self.seconds:.0f} s\n"
            f"workers killed {self.kills}, PostgreSQL restarts {self.restarts}; the mail server: {moods}\n"
            f"written to twice {self.duplicates}, lost {self.lost}, taken but not in the ledger {self.unknown}, "
            f"sent after their file was complete {self.sent_to_complete}, uncertain {self.states['UNCERTAIN']} "
            f"(at most {self.uncertain_at_most}): {'holds' if self.holds else 'BROKEN'}"
        )


def judge(batch: int, told: dict[str, Any], kills: int, restarts: int, unsent: set[str], seconds: float) -> Verdict:
    """Compare the server's count with the ledger's."""
    from reminders.models import Notice

    rows = dict(Notice.objects.filter(batch=batch).values_list("key", "state"))
    taken: dict[str, int] = told["taken"]
    states = Counter(rows.values())
    final = {"ACCEPTED", "UNCERTAIN", "REFUSED", "SKIPPED", "EXPIRED", "CANCELLED"}
    return Verdict(
        planned=len(rows),
        states=states,
        moods=Counter(told["moods"]),
        kills=kills,
        restarts=restarts,
        duplicates=sum(1 for times in taken.values() if times > 1),
        lost=sum(1 for key, state in rows.items() if (state == "ACCEPTED" and key not in taken) or state not in final),
        unknown=sum(1 for key in taken if rows.get(key) not in {"ACCEPTED", "UNCERTAIN"}),
        sent_to_complete=sum(1 for key in unsent if key in taken),
        seconds=seconds,
    )
