"""Values from outside: each is typed, and one that cannot be used is refused with the remedy."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings import env
from settings.database import DatabaseUrl
from settings.env_variable import Variable
from settings.mail import SmtpSettings
from settings.mailbox import MailboxSettings
from settings.scanner import ClamdAddress

READ = [
    (env.PACE_PER_HOUR, "0", 0),
    (env.PACE_PER_HOUR, "1200", 1200),
    (env.HOTLINE_AGENTS, "8", 8),
    (env.HOTLINE_CALL_SECONDS, "45", 45),
    (env.CALLS_PER_MAIL, "0.056", 0.056),
    (env.CALLS_PER_MAIL, "10", 10.0),
    (env.PACE_BY_HOTLINE, "1", True),
    (env.RELEASE_STEPS, "25,250,2500", (25, 250, 2500)),
    (env.RELEASE_STEPS, " 10 , 100 ", (10, 100)),
    (env.RELEASE_STEPS, "none", ()),
    (env.ALARM_PERCENT, "bounced=10", {"bounced": 0.1, "refused": 0.05, "uncertain": 0.01}),
    (env.ALARM_PERCENT, " refused=2.5 , uncertain=0 ", {"bounced": 0.05, "refused": 0.025, "uncertain": 0.0}),
    (env.STEP_WATCH_MINUTES, "0", 0),
    (env.STALLED_MINUTES, "45", 45),
    (env.SMTP_MESSAGES_PER_CONNECTION, "1", 1),
    (env.SEND_WINDOW, "always", "always"),
    (
        env.ALLOWED_HOSTS,
        "registre.example, www.registre.example",
        ("registre.example", "www.registre.example"),
    ),
    (env.SITE_URL, "https://registre.example/", "https://registre.example"),
    (env.JOURNAL_DIR, "/srv/journal", Path("/srv/journal")),
    (env.DOCUMENT_DIR, "/srv/documents", Path("/srv/documents")),
    (env.OPEN_DATA_DIR, "/srv/open-data", Path("/srv/open-data")),
    (env.OPEN_DATA_KEY_FILE, "/srv/key.pem", Path("/srv/key.pem")),
    (env.OPEN_DATA_DAYS, "7", 7),
    (env.SANDBOX_DATABASE_URL, "postgresql://db.example/bac", DatabaseUrl("bac", "db.example")),
    (env.CLAMD_URL, "tcp://scanner.example", ClamdAddress(host="scanner.example", port=3310)),
    (env.CLAMD_URL, "unix:///run/clamav/clamd.ctl", ClamdAddress(path="/run/clamav/clamd.ctl")),
    (env.EPOCH_FILE, "/srv/epoch", Path("/srv/epoch")),
    (
        env.REGISTER_NOW,
        "2027-02-24T09:00:00+01:00",
        datetime(2027, 2, 24, 9, tzinfo=timezone(timedelta(hours=1))),
    ),
    (env.SERVE, "0", False),
    (env.SERVE, "yes", True),
    (env.SMTP_URL, "smtp://relay.example", SmtpSettings("relay.example", 25)),
    (env.BOUNCES_URL, "/srv/mail/rejets", MailboxSettings(path=Path("/srv/mail/rejets"))),
    (env.DATABASE_URL, "postgresql://db.example/register", DatabaseUrl("register", "db.example")),
]
REFUSED = [
    (env.SMTP_MESSAGES_PER_CONNECTION, "0", "nombre entier"),
    (env.PACE_PER_HOUR, "fast", "nombre entier"),
    (env.PACE_PER_HOUR, "-1", "nombre entier"),
    (env.PACE_PER_HOUR, "²", "nombre entier"),
    (env.RELEASE_STEPS, "250,25", "dépasser le précédent"),
    (env.RELEASE_STEPS, "0,25", "dépasser 0"),
    (env.RELEASE_STEPS, "25,25", "dépasser le précédent"),
    (env.RELEASE_STEPS, "25;250", "nombre entier"),
    (env.ALLOWED_HOSTS, ",", "ne nomme rien"),
    (env.SITE_URL, "registre.example", "adresse d’un site"),
    (env.SITE_URL, "ftp://registre.example", "adresse d’un site"),
    (env.CLAMD_URL, "127.0.0.1:3310", "tcp://"),
    (env.CLAMD_URL, "tcp://scanner.example:3310/zone", "tcp://"),
    (env.CLAMD_URL, "unix://run/clamd.ctl", "unix://"),
    (env.JOURNAL_DIR, "journal", "dossier d’où l’on part"),
    (env.HOTLINE_AGENTS, "0", "rien ne se calcule"),
    (env.HOTLINE_CALL_SECONDS, "5.5", "nombre entier"),
    (env.CALLS_PER_MAIL, "0", "0 exclu"),
    (env.CALLS_PER_MAIL, "10.1", "entre 0 et 10"),
    (env.CALLS_PER_MAIL, "0,056", "point décimal"),
    (env.CALLS_PER_MAIL, "nan", "point décimal"),
    (env.CALLS_PER_MAIL, "1e-3", "point décimal"),
    (env.PACE_BY_HOTLINE, "often", "ni oui ni non"),
    (env.REGISTER_NOW, "2027-02-24T09:00:00", "UTC"),
    (env.REGISTER_NOW, "tomorrow", "un instant"),
    (env.SERVE, "perhaps", "ni oui ni non"),
    (env.DATABASE_URL, "sqlite:///db.sqlite3", "seul PostgreSQL"),
    (env.SMTP_URL, "http://relay.example", "smtp://"),
    (env.PACE_PER_HOUR, "9" * 5000, "nombre entier"),
    (env.RELEASE_STEPS, "25,9999999999", "nombre entier"),
    (env.SITE_URL, "http://registre example", "adresse d’un site"),
    (env.SITE_URL, "http://[registre", "serveur"),
    (env.SITE_URL, "http://registre.example:http", "port"),
    (env.REGISTER_NOW, "0001-01-01T00:00:00+14:00", "2000"),
    (env.REGISTER_NOW, "9999-12-31T23:59:59-12:00", "2199"),
    (env.SEND_WINDOW, "garbage", "plage d’envoi"),
    (env.SEND_WINDOW, "mon-fri 17:00-09:00", "plage d’envoi"),
    (env.SEND_WINDOW, "\udcff", "UTF-8"),
    (env.MAIL_FROM, "garbage", "cette adresse"),
    (env.REPLY_TO, "a@b, c@d", "cette adresse"),
    (env.DJANGO_SETTINGS_MODULE, "settings.prod", "n’existe pas"),
    (env.DJANGO_SETTINGS_MODULE, "setings.production", "n’existe pas"),
    (env.DJANGO_SETTINGS_MODULE, ".production", "n’existe pas"),
    (env.DATABASE_URL, "postgresql://db.example/register?ssl=on", "options"),
    (env.DATABASE_URL, "postgresql://db.example/register?connect_timeout=long", "connect_timeout"),
    (env.ALARM_PERCENT, "bounces=5", "pas parmi bounced, refused, uncertain"),
    (env.ALARM_PERCENT, "5", "pas parmi bounced"),
    (env.ALARM_PERCENT, "bounced=many", "pas un nombre"),
    (env.ALARM_PERCENT, "bounced=101", "entre 0 et 100"),
    (env.STEP_WATCH_MINUTES, "-5", "nombre entier"),
    (env.BOUNCES_URL, "pop3://rejets:x@imap.example", "imap://"),
]


@pytest.mark.parametrize(("variable", "text", "value"), READ)
def test_a_value_is_read_as_its_type(variable: Variable, text: str, value: object) -> None:
    assert variable.read({variable.name: text}) == value
    assert variable.require({variable.name: text}) == value


@pytest.mark.parametrize(("variable", "text", "reason"), REFUSED)
def test_a_bad_value_is_refused_with_its_name_the_reason_and_a_remedy(
    variable: Variable, text: str, reason: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        variable.read({variable.name: text})
    message = str(refusal.value)
    assert variable.name in message
    assert reason in message
    assert variable.shape in message


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_unset_and_empty_mean_the_default(variable: Variable) -> None:
    assert variable.read({}) == variable.default
    assert variable.read({variable.name: "  "}) == variable.default


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_what_is_required_and_missing_is_named_with_what_to_set(variable: Variable) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{variable.name} manque"):
        variable.require({})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        (env.DATABASE_URL, "mysql://register:hunter2@db.example/register"),
        (env.SMTP_URL, "smtp://register:hunter2@relay.example?tls=maybe"),
        (env.SMTP_URL, "smtp://register:hunter2@relay.example:port"),
        (env.BOUNCES_URL, "imaps://register:hunter2@imap.example:port"),
        (env.BOUNCES_URL, "imaps://:hunter2@imap.example"),
        (env.SMTP_URL, "smtp://register:25/hunter2@relay.example"),
        (env.SMTP_URL, "smtp://register:25?hunter2@relay.example"),
        (env.DATABASE_URL, "postgresql://register:hunter2/x@db.example/register"),
        (env.DATABASE_URL, "postgresql://register:1?hunter2=x@db.example/register"),
    ],
)
def test_a_refusal_never_shows_a_password(variable: Variable, text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        variable.read({variable.name: text})
    assert "hunter2" not in str(refusal.value)


def test_every_variable_is_in_the_table_once() -> None:
    names = [variable.name for variable in env.VARIABLES]
    assert len(names) == len(set(names))
    assert {
        "DATABASE_URL",
        "SMTP_URL",
        "REGISTER_NOW",
        "SEND_WINDOW",
        "PACE_PER_HOUR",
        "RELEASE_STEPS",
    } <= set(names)
