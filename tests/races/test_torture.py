"""I2, I4, I8: a short torture: workers are killed, the mail server misbehaves, files are completed under them."""

from __future__ import annotations

import random
import sys

import pytest

from bench.torture.run import SHORT_MOODS, Torture, release_due_files
from settings.embedded import BASE_DIR

NOTICES, KILLS = 60, 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("clusters", [False, True], ids=["workers", "two clusters"])
def test_i2_i4_i8_a_short_torture_holds(
    clusters: bool, database_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where `reap` gives SENDING back to be sent, or where an outcome counts that another worker's fence forbids.

    `python -m bench.torture --seed N` draws the same on a long list.
    """
    monkeypatch.chdir(BASE_DIR)
    seed = random.getrandbits(24)
    env = {**database_env, "SEND_WINDOW": "always", "PACE_PER_HOUR": "0", "RELEASE_STEPS": "none"}
    batch = release_due_files(NOTICES, release_steps=())
    torture = Torture(NOTICES, 2, clusters, KILLS, 0, seed, SHORT_MOODS, answer_ms=40, environment=env)
    verdict = torture.run(batch)
    sys.stdout.write(verdict.told(seed))
    assert verdict.holds, verdict.told(seed)
    assert verdict.kills > 0, verdict.told(seed)
