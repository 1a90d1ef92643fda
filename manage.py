#!/usr/bin/env python3
"""Run a command of the project: ``python manage.py help`` lists them."""

import os
import sys


def main() -> int:
    """Run it; what a person can put right is told without a traceback (``--traceback`` shows it)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.local")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError as error:
        return _say(f"{error}. Run it with .venv/bin/python, which `make demo` or `make test` sets up.")
    try:
        from django.conf import settings

        _ = settings.INSTALLED_APPS
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        return _explain(error, str(error))
    except OperationalError as error:
        message = f"The database does not answer: {str(error).strip()}\nLook at DATABASE_URL and at the server."
        return _explain(error, message)
    except KeyboardInterrupt:
        return 130
    return 0


def _explain(error: Exception, message: str) -> int:
    if "--traceback" in sys.argv:
        raise error
    return _say(message)


def _say(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
