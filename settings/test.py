"""The tests: an embedded server without fsync, a database for this process alone, a cheap password hash."""

import os

from settings import env
from settings.base import *  # noqa: F403
from settings.base import VAR_DIR
from settings.database import databases
from settings.embedded import Cluster

DATABASES = databases(env.DATABASE_URL.read(), None, Cluster(VAR_DIR / "postgres-test", durable=False))
# The process's number in the name: two runs at once in one project do not meet. tests/conftest.py drops
# what a killed run left.
DATABASES["default"]["TEST"] = {"NAME": f"test_register_{os.getpid()}", "MIGRATE": True}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = "not-a-secret-tests-only-58c1d6e07f3b92a4cbd05e71638fa29e"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Each test has its own (tests/conftest.py), and hands them to its processes.
JOURNAL_DIR = env.JOURNAL_DIR.read() or VAR_DIR / "journal-test"
EPOCH_FILE = env.EPOCH_FILE.read() or VAR_DIR / "epoch-test"
DOCUMENT_DIR = env.DOCUMENT_DIR.read() or VAR_DIR / "documents-test"
OPEN_DATA_DIR = VAR_DIR / "open-data-test"
OPEN_DATA_KEY_FILE = VAR_DIR / "open-data-key-test.pem"
CLAMD = None
# Looks into var/static, which only collectstatic makes.
WHITENOISE_AUTOREFRESH = True
