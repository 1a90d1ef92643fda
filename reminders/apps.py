from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = "Relances"

    def ready(self) -> None:
        """Say what of the ledger stays when a file is destroyed."""
        from registry.actions.purging import keep_without_the_person  # noqa: PLC0415 - models are there from here on
        from reminders.planning.erasing import KEPT, erase_from_ledger  # noqa: PLC0415

        keep_without_the_person(KEPT, erase_from_ledger)
