"""django-q2: a doorbell. What is to be done stands in the ledger; a task only says "look now".

Every value below answers a trap that was measured (docs/operations.md, "The queue").
"""

from typing import Any

WORKERS = 2
TASK_TIMEOUT_SECONDS = 120

Q_CLUSTER: dict[str, Any] = {
    # Fixed: tasks are signed with it, and a changed name silently deletes what waits.
    "name": "register",
    # The broker is the same database, so ringing is part of the caller's transaction.
    "orm": "default",
    "workers": WORKERS,
    # A row waiting in a worker's memory already counts towards `retry`: keep none there.
    "queue_limit": 1,
    "bulk": 1,
    "timeout": TASK_TIMEOUT_SECONDS,
    # Over timeout * (1 + (queue_limit + 1) / workers) + 30: a slow task must not be started a second time.
    "retry": 300,
    "max_attempts": 3,
    # A failed tick is not repeated: the next tick is its retry.
    "ack_failures": True,
    # After an outage one tick, not one for every minute missed.
    "catch_up": False,
    # Runs are recorded in our own table; django-q2 keeps only failures.
    "save_limit": -1,
    "poll": 1,
    "recycle": 200,
    "time_zone": "Europe/Paris",
    "label": "File d’attente",
}
