"""Production: nothing that matters has a default, everything travels over TLS, the clock is the real one."""

from settings import env
from settings.base import *  # noqa: F403
from settings.base import REST_FRAMEWORK, STORAGES
from settings.database import databases
from settings.embedded import BASE_DIR, Cluster

YEAR_SECONDS = 365 * 24 * 3600

env.REGISTER_NOW.refuse("une horloge réglable fausserait en production la date des actes")
env.WEBHOOKS_TO_LOOPBACK.refuse("en production un webhook ne mène jamais à cette machine")

SECRET_KEY = env.SECRET_KEY.require()
ALLOWED_HOSTS = list(env.ALLOWED_HOSTS.require())
SITE_URL = env.SITE_URL.require()
if not SITE_URL.startswith("https://"):
    raise env.SITE_URL.unusable(SITE_URL, "en production elle commence par https://")
SMTP = env.SMTP_URL.require()
MAIL_FROM = env.MAIL_FROM.require()
REPLY_TO = env.REPLY_TO.require()
DEFAULT_FROM_EMAIL = MAIL_FROM
DATABASES = databases(
    env.DATABASE_URL.require(), env.DATABASE_REPLICA_URL.read(), Cluster(BASE_DIR / "var" / "postgres")
)

DEBUG = False
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = True
# The proxy in front must set this header itself and drop one that comes from outside (docs/operations.md).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = YEAR_SECONDS
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# One proxy in front (docs/operations.md): its word on the caller's address is believed, nobody else's.
REST_FRAMEWORK = REST_FRAMEWORK | {"NUM_PROXIES": 1}
