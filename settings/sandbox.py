"""The API's sandbox: a process of its own, on a database of its own, that is told nothing of the real register.

See docs/decisions/0027-sandbox.md.
"""

from hashlib import sha256

from settings import env
from settings.base import *  # noqa: F403
from settings.base import MIDDLEWARE, REST_FRAMEWORK, SITE_URL, VAR_DIR
from settings.database import databases
from settings.embedded import Cluster
from settings.mail import NoRelay

_PLACES = (env.JOURNAL_DIR, env.EPOCH_FILE, env.DOCUMENT_DIR, env.OPEN_DATA_DIR, env.OPEN_DATA_KEY_FILE)
for _of_the_register in (env.DATABASE_URL, env.DATABASE_REPLICA_URL, *_PLACES):
    _of_the_register.refuse("le bac à sable ne sait rien du vrai registre")
for _of_mail in (env.SMTP_URL, env.BOUNCES_URL):
    _of_mail.refuse("aucun message ne part du bac à sable")
env.REGISTER_NOW.refuse("l’horloge du bac à sable suit l’en-tête Sandbox-Now")

SANDBOX = True
# Another than the register's, even from the same environment: what is signed here is worth nothing there.
SECRET_KEY = sha256(b"sandbox:" + env.SECRET_KEY.read().encode()).hexdigest()
DATABASES = databases(env.SANDBOX_DATABASE_URL.read(), None, Cluster(VAR_DIR / "postgres-sandbox"))
JOURNAL_DIR = VAR_DIR / "sandbox" / "journal"
EPOCH_FILE = VAR_DIR / "sandbox" / "epoch"
DOCUMENT_DIR = VAR_DIR / "sandbox" / "documents"
OPEN_DATA_DIR = VAR_DIR / "sandbox" / "open-data"
OPEN_DATA_KEY_FILE = VAR_DIR / "sandbox" / "open-data-key.pem"
SMTP = NoRelay()  # type: ignore[assignment]
BOUNCES = None
CLAMD = None

ROOT_URLCONF = "settings.sandbox_urls"
MIDDLEWARE = ["api.sandbox.SandboxClock", *MIDDLEWARE]
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None  # type: ignore[assignment]

if SITE_URL.startswith("https://"):
    # Behind the same proxy as the site (docs/operations.md).
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    REST_FRAMEWORK = REST_FRAMEWORK | {"NUM_PROXIES": 1}
