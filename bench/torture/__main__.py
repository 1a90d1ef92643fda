"""python -m bench.torture: exit code 0 where nobody was written to twice and nobody was lost, else 1."""

from __future__ import annotations

import argparse
import random
import sys

from bench.place import empty, say, set_up
from bench.torture.run import Torture, release_due_files


def main() -> int:
    """Read the words, torture, print the verdict."""
    parser = argparse.ArgumentParser(prog="python -m bench.torture", description=__doc__)
    parser.add_argument("--notices", type=int, default=18_000)
    parser.add_argument("--workers", type=int, default=3, help="processes of deliver, or clusters (default: 3)")
    parser.add_argument("--clusters", action="store_true", help="django-q2 clusters that share the database")
    parser.add_argument("--kills", type=int, default=20, help="how many workers are killed with SIGKILL")
    parser.add_argument("--restarts", type=int, default=2, help="how often PostgreSQL is stopped at once")
    parser.add_argument("--seed", type=int, default=None, help="replays the draw of an earlier run")
    words = parser.parse_args()
    seed = words.seed if words.seed is not None else random.SystemRandom().randrange(1_000_000)
    say(f"seed {seed}")
    set_up()
    empty()
    torture = Torture(words.notices, words.workers, words.clusters, words.kills, words.restarts, seed)
    verdict = torture.run(release_due_files(words.notices))
    print(verdict.told(seed))
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
