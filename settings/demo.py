"""make demo: no DEBUG, plain HTTP, and an embedded database of its own, which the demo may empty."""

from datetime import datetime

from settings import env
from settings.base import *  # noqa: F403
from settings.base import VAR_DIR
from settings.database import databases
from settings.embedded import Cluster

# Without fsync: every run begins with an empty register, so a power cut costs nothing.
DATABASES = databases(env.DATABASE_URL.read(), None, Cluster(VAR_DIR / "postgres-demo", durable=False))
# Its own, whatever the environment names: the demo empties them with its database, and signs nothing as the register.
JOURNAL_DIR = VAR_DIR / "journal-demo"
EPOCH_FILE = VAR_DIR / "epoch-demo"
DOCUMENT_DIR = VAR_DIR / "documents-demo"
OPEN_DATA_DIR = VAR_DIR / "open-data-demo"
OPEN_DATA_KEY_FILE = VAR_DIR / "open-data-key-demo.pem"

# Static files straight from the packages: a demo needs no collectstatic.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None  # type: ignore[assignment]

# The morning on which the story ends: another terminal's commands find the register as the site shows it.
REGISTER_NOW = env.REGISTER_NOW.read() or datetime.fromisoformat("2026-02-25T09:30:00+01:00")

# Each step is judged at once: the story is told in a minute.
STEP_WATCH_MINUTES = 0

# Nobody reads the mailbox of a demonstration: its codes are said in the terminal too.
EMAIL_BACKEND = "web.demo.codes.ToldBackend"

SERVE = env.SERVE.read()
