"""The site for gunicorn: ``gunicorn settings.wsgi``."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from settings.garbage import keep_what_is_loaded, look_seldom

look_seldom()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")

application = get_wsgi_application()
if settings.SANDBOX:
    # No worker runs beside the sandbox: its process tells its webhooks by itself.
    from api.sandbox_teller import TellsWebhooks

    application = TellsWebhooks(application)  # type: ignore[assignment]
keep_what_is_loaded()
