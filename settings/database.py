"""Which PostgreSQL: the one DATABASE_URL names, else an embedded one under var/."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

from settings.addresses import split_address
from settings.embedded import DATABASE, PORT, SUPERUSER, Cluster

SCHEMES = ("postgresql", "postgres")

# One connection a thread, kept: a new one for every step would be most of a queue's work.
COMMON: dict[str, Any] = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A PostgreSQL address, taken apart. ``host`` may be a directory: that of the server's Unix socket."""

    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()


def parse_database_url(text: str) -> DatabaseUrl:
    """Take ``postgresql://user:password@host:port/name?sslmode=require`` apart, percent-encoding and all.

    Raises:
        ValueError: not such an address, with what is wrong and never with the password.
    """
    parts = split_address(text)
    if parts.scheme not in SCHEMES:
        raise ValueError("elle ne commence pas par postgresql://, et seul PostgreSQL convient")
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise ValueError("elle ne nomme aucune base après le serveur")
    options = dict(parse_qsl(parts.query))
    _require_known(options)
    host = options.pop("host", "") or _host(parts.netloc)
    return DatabaseUrl(
        name=name,
        host=host,
        port=str(parts.port or options.pop("port", "")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=tuple(sorted(options.items())),
    )


def _require_known(options: dict[str, str]) -> None:
    try:
        make_conninfo(**options)
    except ProgrammingError:
        raise ValueError("PostgreSQL ne connaît pas l’une de ses options") from None
    if not options.get("connect_timeout", "0").isdecimal():
        raise ValueError("connect_timeout n’est pas un nombre de secondes")


def _host(netloc: str) -> str:
    """The host as written: urlsplit's ``hostname`` is lower-case, and a socket's directory must not be."""
    place = netloc.rpartition("@")[2]
    if place.startswith("["):
        return place[1:].partition("]")[0]
    return unquote(place.partition(":")[0])


def configuration(url: DatabaseUrl) -> dict[str, Any]:
    """The ``DATABASES`` entry of a server of one's own."""
    return COMMON | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.name,
        "HOST": url.host,
        "PORT": url.port,
        "USER": url.user,
        "PASSWORD": url.password,
        "OPTIONS": dict(url.options),
    }


def embedded(cluster: Cluster) -> dict[str, Any]:
    """The ``DATABASES`` entry of the embedded server; nothing is started until a connection is wanted."""
    return COMMON | {
        "ENGINE": "settings.embedded_postgresql",
        "NAME": DATABASE,
        "HOST": str(cluster.socket_dir),
        "PORT": str(PORT),
        "USER": SUPERUSER,
        "EMBEDDED": cluster,
    }


def databases(url: DatabaseUrl | None, replica: DatabaseUrl | None, cluster: Cluster) -> dict[str, dict[str, Any]]:
    """``DATABASES``: ``default``, and ``replica`` where one is named."""
    found = {"default": configuration(url) if url else embedded(cluster)}
    if replica:
        found["replica"] = configuration(replica) | {"TEST": {"MIRROR": "default"}}
    return found
