"""Values from outside: each is typed, and one that cannot be used is refused with the remedy."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings import env
from settings.database import DatabaseUrl
from settings.mail import SmtpSettings

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
    (env.SEND_WINDOW, "always", "always"),
    (
        env.ALLOWED_HOSTS,
        "registre.example, www.registre.example",
        ("registre.example", "www.registre.example"),
    ),
    (env.SITE_URL, "https://registre.example/", "https://registre.example"),
    (env.JOURNAL_DIR, "/srv/journal", Path("/srv/journal")),
    (env.EPOCH_FILE, "/srv/epoch", Path("/srv/epoch")),
    (
        env.REGISTER_NOW,
        "2027-02-24T09:00:00+01:00",
        datetime(2027, 2, 24, 9, tzinfo=timezone(timedelta(hours=1))),
    ),
    (env.SERVE, "0", False),
    (env.SERVE, "yes", True),
    (env.SMTP_URL, "smtp://relay.example", SmtpSettings("relay.example", 25)),
    (env.DATABASE_URL, "postgresql://db.example/register", DatabaseUrl("register", "db.example")),
]
REFUSED = [
    (env.PACE_PER_HOUR, "fast", "whole number"),
    (env.PACE_PER_HOUR, "-1", "whole number"),
    (env.PACE_PER_HOUR, "²", "whole number"),
    (env.HOTLINE_AGENTS, "0", "nothing can be reckoned"),
    (env.HOTLINE_CALL_SECONDS, "5.5", "whole number"),
    (env.CALLS_PER_MAIL, "0", "more than 0"),
    (env.CALLS_PER_MAIL, "10.1", "at most 10"),
    (env.CALLS_PER_MAIL, "0,056", "decimal point"),
    (env.CALLS_PER_MAIL, "nan", "decimal point"),
    (env.CALLS_PER_MAIL, "1e-3", "decimal point"),
    (env.PACE_BY_HOTLINE, "often", "neither yes nor no"),
    (env.RELEASE_STEPS, "250,25", "larger than the one before"),
    (env.RELEASE_STEPS, "0,25", "the first than 0"),
    (env.RELEASE_STEPS, "25,25", "larger than the one before"),
    (env.RELEASE_STEPS, "25;250", "whole number"),
    (env.ALLOWED_HOSTS, ",", "names nothing"),
    (env.SITE_URL, "registre.example", "address of a site"),
    (env.SITE_URL, "ftp://registre.example", "address of a site"),
    (env.JOURNAL_DIR, "journal", "directory one starts in"),
    (env.REGISTER_NOW, "2027-02-24T09:00:00", "UTC"),
    (env.REGISTER_NOW, "tomorrow", "REGISTER_NOW"),
    (env.SERVE, "perhaps", "neither yes nor no"),
    (env.DATABASE_URL, "sqlite:///db.sqlite3", "only PostgreSQL"),
    (env.SMTP_URL, "http://relay.example", "smtp or smtps"),
]


@pytest.mark.parametrize(("variable", "text", "value"), READ)
def test_a_value_is_read_as_its_type(variable: env.Variable, text: str, value: object) -> None:
    assert variable.read({variable.name: text}) == value
    assert variable.require({variable.name: text}) == value


@pytest.mark.parametrize(("variable", "text", "reason"), REFUSED)
def test_a_bad_value_is_refused_with_its_name_the_reason_and_a_remedy(
    variable: env.Variable, text: str, reason: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        variable.read({variable.name: text})
    message = str(refusal.value)
    assert variable.name in message
    assert reason in message
    assert variable.shape in message


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_unset_and_empty_mean_the_default(variable: env.Variable) -> None:
    assert variable.read({}) == variable.default
    assert variable.read({variable.name: "  "}) == variable.default


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_what_is_required_and_missing_is_named_with_what_to_set(variable: env.Variable) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{variable.name} is not set"):
        variable.require({})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        (env.DATABASE_URL, "mysql://register:hunter2@db.example/register"),
        (env.SMTP_URL, "smtp://register:hunter2@relay.example?tls=maybe"),
        (env.SMTP_URL, "smtp://register:hunter2@relay.example:port"),
    ],
)
def test_a_refusal_never_shows_a_password(variable: env.Variable, text: str) -> None:
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
