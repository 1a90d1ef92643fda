"""Production starts only with all it needs, and is closed."""

import os
import subprocess
import sys

import pytest

from settings.embedded import BASE_DIR

GOOD = {
    "DJANGO_SETTINGS_MODULE": "settings.production",
    "SECRET_KEY": "x9$Kq2" * 10 + "abcdefghij",
    "ALLOWED_HOSTS": "registre.example",
    "SITE_URL": "https://registre.example",
    "DATABASE_URL": "postgresql://register@db.example/register",
    "SMTP_URL": "smtp://relay.example?tls=starttls",
    "MAIL_FROM": "Registre <renouvellement@registre.example>",
    "REPLY_TO": "assistance@registre.example",
}
BARE = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE_DIR,
        env=BARE | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deployment_check_finds_nothing() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", sorted(set(GOOD) - {"DJANGO_SETTINGS_MODULE"}))
def test_production_does_not_start_without(missing: str) -> None:
    done = manage("check", **{name: value for name, value in GOOD.items() if name != missing})
    assert done.returncode == 2
    assert f"{missing} manque" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("REGISTER_NOW", "2027-02-24T09:00:00+01:00", "Retirez-la"),
        ("SITE_URL", "http://registre.example", "https://"),
        ("PACE_PER_HOUR", "fast", "nombre entier"),
    ],
)
def test_production_does_not_start_with(name: str, value: str, reason: str) -> None:
    done = manage("check", **(GOOD | {name: value}))
    assert done.returncode == 2
    assert name in done.stderr
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_told_without_a_traceback() -> None:
    nobody_there = "postgresql://register@%2Fnonexistent:5432/register"
    done = manage("migrate", DJANGO_SETTINGS_MODULE="settings.local", DATABASE_URL=nobody_there)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
