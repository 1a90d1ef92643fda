from django.apps import AppConfig


class HotlineConfig(AppConfig):
    name = "hotline"
    verbose_name = "Ligne téléphonique"

    def ready(self) -> None:
        """A plan asks whether an incident is open, a report who read why; the engine does not know who knows."""
        from hotline.desk import incidents_in_words, readings_of_batch  # noqa: PLC0415 - models are there only now
        from reminders.planning.outside import tell_of_incidents, tell_of_readings  # noqa: PLC0415

        tell_of_incidents(incidents_in_words)
        tell_of_readings(readings_of_batch)
