"""The settings of use as one value, and the digest of what a batch was decided and written by."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reminders import config
from reminders.config import engine_settings, rules_digest
from reminders.errors import ReminderError
from reminders.rules.hotline import DEFAULT_HOTLINE, Hotline
from reminders.rules.send_window import parse_window


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the rules and messages, which may be changed."""
    for app in ("registry", "reminders"):
        shutil.copytree(config._ROOT / app, tmp_path / app)
    monkeypatch.setattr(config, "_ROOT", tmp_path)
    rules_digest.cache_clear()
    yield tmp_path
    rules_digest.cache_clear()


def fresh_digest() -> str:
    rules_digest.cache_clear()
    return rules_digest()


def test_the_settings_are_read_as_they_are(settings: Any) -> None:
    settings.SEND_WINDOW, settings.PACE_PER_HOUR, settings.RELEASE_STEPS = "mon-tue 10:00-11:00", 1800, [10, 100]
    settings.SMALLEST_GAP_DAYS, settings.SITE_URL = 9, "https://registre.example"
    engine = engine_settings()
    assert engine.window == parse_window("mon-tue 10:00-11:00")
    assert (engine.pace_per_hour, engine.release_steps, engine.gap_days) == (1800, (10, 100), 9)
    assert engine.letterhead.site_url == "https://registre.example"
    assert engine.letterhead.sender == settings.MAIL_FROM


@pytest.mark.parametrize(
    ("by_hotline", "pace", "effective"), [(False, 0, 0), (False, 9_000, 9_000), (True, 0, 720), (True, 100, 100)]
)
def test_the_pace_is_what_the_hotline_can_take_where_it_is_asked_for(
    settings: Any, by_hotline: bool, pace: int, effective: int
) -> None:
    """Six agents, five minutes a call, a call for ten mails: 720 mails an hour. The pacer is given this number."""
    settings.PACE_BY_HOTLINE, settings.PACE_PER_HOUR = by_hotline, pace
    settings.HOTLINE_AGENTS, settings.HOTLINE_CALL_SECONDS, settings.CALLS_PER_MAIL = 6, 300, 0.1
    assert engine_settings().pace_per_hour == effective
    assert engine_settings().hotline == Hotline(6, 300, 0.1)


def test_by_default_the_hotline_is_that_of_2014_and_sets_no_pace() -> None:
    assert engine_settings().hotline == DEFAULT_HOTLINE
    assert engine_settings().pace_per_hour == 0


def test_a_window_that_cannot_be_read_is_refused_at_once(settings: Any) -> None:
    settings.SEND_WINDOW = "always at night"
    with pytest.raises(ReminderError, match="always at night"):
        engine_settings()


def test_the_digest_is_one_for_the_same_files(copy: Path) -> None:
    first = fresh_digest()
    assert len(first) == 64
    assert fresh_digest() == first


@pytest.mark.parametrize(
    "name",
    [
        "registry/rules/covers.py",
        "registry/assessment.sql",
        "reminders/rules/eligibility.py",
        "reminders/planning/audience.sql",
        "reminders/messages/french.py",
    ],
)
def test_a_change_of_rules_or_wording_changes_the_digest(copy: Path, name: str) -> None:
    """Fails where the pattern of that file is missing: a batch would be sent under rules nobody reread."""
    before = fresh_digest()
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert fresh_digest() != before


def test_a_file_renamed_changes_the_digest(copy: Path) -> None:
    before = fresh_digest()
    (copy / "reminders/rules/waves.py").rename(copy / "reminders/rules/waves2.py")
    assert fresh_digest() != before


def test_what_is_no_rule_does_not(copy: Path) -> None:
    before = fresh_digest()
    (copy / "reminders/admin.py").write_text("", encoding="utf-8")
    (copy / "reminders/rules/__pycache__").mkdir(exist_ok=True)
    (copy / "reminders/messages/__pycache__").mkdir(exist_ok=True)
    (copy / "reminders/messages/__pycache__/french.cpython-399.pyc").write_bytes(b"x")
    assert fresh_digest() == before
