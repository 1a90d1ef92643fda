from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        """Have the ticks of the API installed with those of the engine; in the sandbox, guard its connections."""
        from api.ticks import install  # noqa: PLC0415
        from reminders.ticks import OTHERS  # noqa: PLC0415

        OTHERS.append(install)
        if settings.SANDBOX:
            # Brings the API's library with it, which most commands do without.
            from api.sandbox import require_sandbox_database  # noqa: PLC0415

            connection_created.connect(require_sandbox_database)
