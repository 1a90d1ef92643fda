from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "hotline"
    verbose_name = "Ligne téléphonique"

    def ready(self) -> None:
        """A plan asks whether an incident is open; the engine does not know who knows."""
        from hotline.desk import incidents_in_words  # noqa: PLC0415 - models are there only now
        from reminders.planning.outside import tell_of_incidents  # noqa: PLC0415

        tell_of_incidents(incidents_in_words)
