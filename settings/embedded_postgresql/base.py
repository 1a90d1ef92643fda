"""Django's PostgreSQL backend, which starts the embedded server when a connection is first wanted.

So ``--help`` and ``check`` start nothing, and a server that died comes back with the next connection.
"""

from typing import Any

from django.db.backends.postgresql import base

from settings.embedded import ensure_running


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's own; ``settings.DATABASES[alias]["EMBEDDED"]`` says which server."""

    def get_connection_params(self) -> dict[str, Any]:
        ensure_running(self.settings_dict["EMBEDDED"])
        return super().get_connection_params()
