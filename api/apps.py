from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        """Have the ticks of the API installed with those of the engine."""
        from api.ticks import install  # noqa: PLC0415
        from reminders.ticks import OTHERS  # noqa: PLC0415

        OTHERS.append(install)
