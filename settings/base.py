"""What all settings share. Values from outside come through ``settings.env``."""

from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pghistory
import pgtrigger

from settings import env
from settings.database import databases
from settings.embedded import BASE_DIR, Cluster
from settings.queue import Q_CLUSTER  # noqa: F401 (read by django-q2)

VAR_DIR = BASE_DIR / "var"

DEBUG = False
# Whether this process serves the API's sandbox (settings.sandbox) and nothing of the real register.
SANDBOX = False
SECRET_KEY = env.SECRET_KEY.read()
ALLOWED_HOSTS = list(env.ALLOWED_HOSTS.read())
SITE_URL = env.SITE_URL.read()

DATABASES: dict[str, dict[str, Any]] = databases(
    env.DATABASE_URL.read(), env.DATABASE_REPLICA_URL.read(), Cluster(VAR_DIR / "postgres")
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # Before the one whose server it is.
    "settings.serving",
    "settings.administration.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_q",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "registry",
    "reminders",
    "hotline",
    "api",
    "web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "web.middleware.BrowserPolicies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "web.middleware.OneCharset",
    "web.middleware.PageLanguage",
    "web.middleware.WholeText",
    "web.middleware.SlashForReaders",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "settings.urls"
WSGI_APPLICATION = "settings.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.preferences.shown",
                "web.incidents.shown",
            ]
        },
    }
]

# The second one stands for people who sign in by a code or a passkey: it knows nobody of the staff.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "web.people.backend.PersonBackend"]
# A working day: whoever is signed in may approve and send.
SESSION_COOKIE_AGE = 12 * 3600
LOGIN_URL = "web:login"
LOGIN_REDIRECT_URL = "web:work"
LOGOUT_REDIRECT_URL = "web:home"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Intermediaries sign in by an e-mailed code or a passkey (docs/decisions/0029). Limits on codes: web.people.limits.
ACCOUNT_ADAPTER = "web.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
MFA_ADAPTER = "web.people.adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Asked by web.views.people_sign_in itself, of a passkey added or removed.
MFA_REAUTHENTICATION_REQUIRED = False

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

REST_FRAMEWORK: dict[str, Any] = {
    # Throttles go by the peer's address: a header that anyone can write is not believed.
    "NUM_PROXIES": 0,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.KeyAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JsonBody"],
    # `?format=` is a parameter like others; the description alone reads it (api.parameters).
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Registre des intermédiaires",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.examples.put_examples"],
    # Several sets of codes are called "kind" or "state".
    "ENUM_NAME_OVERRIDES": {
        "CategoryEnum": "registry.rules.categories.Category.choices",
        "KindEnum": "registry.rules.categories.CoverKind.choices",
        "BatchStateEnum": "reminders.rules.states.BatchState.choices",
        "NoticeStateEnum": "reminders.rules.states.NoticeState.choices",
        "CoverStateEnum": "registry.rules.covers.CoverState.choices",
        "CoverStatusEnum": "registry.rules.facts.CoverStatus.choices",
        "DocumentTypeEnum": "registry.rules.documents.DocumentType.choices",
        "DocumentStateEnum": "registry.rules.documents.DocumentState.choices",
        "PaperCodeEnum": "registry.rules.papers.PaperCode.choices",
        "PaperLevelEnum": "registry.rules.papers.PaperLevel.choices",
        "ReviewReasonEnum": "registry.rules.reviews.ReviewReason.choices",
        "ItemStateEnum": "registry.rules.renewals.ItemState.choices",
        "AnswerStateEnum": "registry.rules.prefill.AnswerState.choices",
        "ChannelEnum": "registry.models.cover.Channel.choices",
        "FilingChannelEnum": "registry.rules.renewals.FilingChannel.choices",
        "WebhookStateEnum": "api.webhook_models.WebhookState.choices",
        "EventTypeEnum": "api.event_types.EventType.choices",
        "ComplaintChannelEnum": "hotline.rules.complaints.ComplaintChannel.choices",
        "ComplaintStateEnum": "hotline.rules.complaints.ComplaintState.choices",
        "IncidentStateEnum": "hotline.rules.incidents.IncidentState.choices",
        "CallOutcomeEnum": "hotline.rules.calls.CallOutcome.choices",
        "ComplaintOutcomeEnum": "hotline.rules.complaints.ComplaintOutcome.choices",
        "CaseStateEnum": "registry.rules.removals.CaseState.choices",
        "LetterKindEnum": "registry.rules.letters.LetterKind.choices",
        "ProofKindEnum": "registry.rules.removals.ProofKind.choices",
        "BatchKindEnum": "reminders.models.batch.BatchKind.choices",
    },
}

# One trigger a statement, not a row: an import of 100,000 rows writes its history in one insert.
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history", related_query_name="history")

SMTP = env.SMTP_URL.read()
SMTP_MESSAGES_PER_CONNECTION = env.SMTP_MESSAGES_PER_CONNECTION.read()
BOUNCES = env.BOUNCES_URL.read()
MAIL_FROM = env.MAIL_FROM.read()
REPLY_TO = env.REPLY_TO.read()
DEFAULT_FROM_EMAIL = MAIL_FROM
# Codes to sign in with, and nothing else: reminders leave by reminders.sending.
EMAIL_BACKEND = "web.people.smtp.RelayBackend"
SITE_NAME = "Registre des intermédiaires"
# The right-hand side of every Message-ID: the sender's own domain.
MAIL_DOMAIN = parseaddr(MAIL_FROM)[1].rpartition("@")[2]
# Between two mails to one person, in days: waves that fall closer together are merged.
SMALLEST_GAP_DAYS = 5
# On so many days mail must have come back for now (mailbox full, server silent) before an address is given up.
SOFT_DAYS_MAKE_DEAD = 3
RECOURSE_TEXT = env.RECOURSE_TEXT.read()
SEND_WINDOW = env.SEND_WINDOW.read()
PACE_PER_HOUR = env.PACE_PER_HOUR.read()
HOTLINE_AGENTS = env.HOTLINE_AGENTS.read()
HOTLINE_CALL_SECONDS = env.HOTLINE_CALL_SECONDS.read()
CALLS_PER_MAIL = env.CALLS_PER_MAIL.read()
PACE_BY_HOTLINE = env.PACE_BY_HOTLINE.read()
COMPLAINT_RECOURSE = env.COMPLAINT_RECOURSE.read()
LOCAL_HOLIDAYS = env.LOCAL_HOLIDAYS.read()
RELEASE_STEPS = env.RELEASE_STEPS.read()
STEP_WATCH_MINUTES = env.STEP_WATCH_MINUTES.read()
STALLED_MINUTES = env.STALLED_MINUTES.read()
ALARM_PERCENT = env.ALARM_PERCENT.read()
JOURNAL_DIR: Path = env.JOURNAL_DIR.read() or VAR_DIR / "journal"
EPOCH_FILE: Path = env.EPOCH_FILE.read() or VAR_DIR / "epoch"
DOCUMENT_DIR: Path = env.DOCUMENT_DIR.read() or VAR_DIR / "documents"
OPEN_DATA_DIR: Path = env.OPEN_DATA_DIR.read() or VAR_DIR / "open-data"
OPEN_DATA_KEY_FILE: Path = env.OPEN_DATA_KEY_FILE.read() or VAR_DIR / "open-data-key.pem"
OPEN_DATA_DAYS = env.OPEN_DATA_DAYS.read()
CLAMD = env.CLAMD_URL.read()
WEBHOOKS_TO_LOOPBACK = env.WEBHOOKS_TO_LOOPBACK.read()
REGISTER_NOW = env.REGISTER_NOW.read()

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": "INFO"}
        for name in ("registry", "reminders", "hotline", "api", "web", "django.security", "django-q")
    },
}
