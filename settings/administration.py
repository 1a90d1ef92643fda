"""The administration, looked for by the addresses and by the checks: a command that needs none starts without it."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class AdminConfig(SimpleAdminConfig):
    """Django's, but each app's ``admin`` module is imported once somebody asks for the site."""

    def ready(self) -> None:
        """Have the checks look for the site first."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_whole_site, checks.Tags.admin)


def _check_whole_site(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[checks.CheckMessage]:
    autodiscover()
    found: list[checks.CheckMessage] = check_admin_app(app_configs, **options)
    return found
