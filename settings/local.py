"""Working on the project: DEBUG, the embedded database, a local SMTP server. The default of manage.py."""

from settings.base import *  # noqa: F403

DEBUG = True
