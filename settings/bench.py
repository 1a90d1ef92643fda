"""make bench: as the demo, with a durable embedded database of its own that each benchmark empties."""

from settings import env
from settings.base import *  # noqa: F403
from settings.base import VAR_DIR
from settings.database import databases
from settings.embedded import Cluster

DATABASES = databases(env.DATABASE_URL.read(), None, Cluster(VAR_DIR / "postgres-bench"))
# Its own, whatever the environment names: each benchmark empties them with its database.
JOURNAL_DIR = VAR_DIR / "journal-bench"
EPOCH_FILE = VAR_DIR / "epoch-bench"
SEND_WINDOW = "always"
PACE_PER_HOUR = 0
RELEASE_STEPS = ()
