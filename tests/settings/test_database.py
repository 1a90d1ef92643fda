"""DATABASE_URL taken apart, and what Django is told."""

from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from settings.database import DatabaseUrl, configuration, databases, embedded, parse_database_url
from settings.embedded import Cluster

WORD = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Cs", "Cc"]), min_size=1)

URLS = [
    ("postgresql://db.example/register", DatabaseUrl("register", "db.example")),
    (
        "postgres://anna:p%40ss@db.example:5433/register",
        DatabaseUrl("register", "db.example", "5433", "anna", "p@ss"),
    ),
    (
        "postgresql://anna@db.example/register?sslmode=require&connect_timeout=5",
        DatabaseUrl("register", "db.example", user="anna", options=(("connect_timeout", "5"), ("sslmode", "require"))),
    ),
    ("postgresql://anna@%2FRun%2Fpg:5432/register", DatabaseUrl("register", "/Run/pg", "5432", "anna")),
    ("postgresql:///register?host=/run/pg&port=5433", DatabaseUrl("register", "/run/pg", "5433")),
    ("postgresql://[::1]:5432/register", DatabaseUrl("register", "::1", "5432")),
]


@pytest.mark.parametrize(("text", "url"), URLS)
def test_an_address_is_taken_apart(text: str, url: DatabaseUrl) -> None:
    assert parse_database_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "register",
        "sqlite:///x",
        "postgresql://db.example",
        "postgresql://db.example/",
        "postgresql://h:x/d",
    ],
)
def test_what_is_no_address_of_a_database_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_database_url(text)


@given(directory=WORD, name=WORD)
def test_the_address_of_an_embedded_server_leads_back_to_its_socket(directory: str, name: str) -> None:
    host = quote(f"/{directory}", safe="")
    url = parse_database_url(f"postgresql://register@{host}:5432/{quote(name, safe='')}")
    assert (url.host, url.name) == (f"/{directory}", name)


def test_the_url_of_a_cluster_is_understood(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "a b%2F")
    url = parse_database_url(cluster.url("other"))
    assert (url.host, url.name, url.user) == (str(cluster.socket_dir), "other", "register")


def test_a_password_is_in_no_representation() -> None:
    assert "hunter2" not in repr(parse_database_url("postgresql://anna:hunter2@db.example/register"))


def test_connections_are_kept_and_checked() -> None:
    for entry in (configuration(DatabaseUrl("register")), embedded(Cluster(Path("/nowhere")))):
        assert entry["CONN_MAX_AGE"] == 600
        assert entry["CONN_HEALTH_CHECKS"] is True


def test_a_replica_is_there_only_where_one_is_named() -> None:
    primary = DatabaseUrl("register", "one.example")
    cluster = Cluster(Path("/nowhere"))
    assert set(databases(primary, None, cluster)) == {"default"}
    both = databases(primary, DatabaseUrl("register", "two.example"), cluster)
    assert both["replica"]["HOST"] == "two.example"
    assert both["default"]["ENGINE"] == "django.db.backends.postgresql"


def test_without_an_address_the_embedded_server_is_used_and_not_started(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres")
    entry = databases(None, None, cluster)["default"]
    assert entry["ENGINE"] == "settings.embedded_postgresql"
    assert not cluster.home.exists()


def test_the_tests_run_on_postgresql_with_their_own_database(db: None) -> None:
    assert connection.vendor == "postgresql"
    assert str(connection.settings_dict["NAME"]).startswith("test_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        assert cursor.fetchone()[0] >= 150000
