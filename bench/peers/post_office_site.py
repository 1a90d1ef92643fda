"""django-post-office in a project of its own: queues mails and sends them, each at the word of bench.peers.

Run by the environment of requirements.txt, never by ours. PEER says which database and mail server, and in which words
to write. `migrate` makes the tables, `queue N` queues N mails, `send` sends them all.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

BATCH = 1000
PROCESSES = 2


def set_up(peer: dict[str, Any]) -> None:
    """The least a project needs; tuned as its documentation advises: batches of 1,000."""
    settings.configure(
        SECRET_KEY="bench",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "post_office"],
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **peer["database"]}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "django"}],
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=peer["smtp_port"],
        EMAIL_TIMEOUT=60,
        POST_OFFICE={"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}, "BATCH_SIZE": BATCH},
    )
    django.setup()


def queue(count: int, words: dict[str, str]) -> None:
    """So many personalised mails into the queue, a thousand at a time, by the template of our own words."""
    from post_office import mail
    from post_office.models import EmailTemplate

    template = EmailTemplate.objects.create(
        name="reminder", subject=words["subject"], content=words["text"], html_content=words["html"]
    )
    for first in range(0, count, BATCH):
        mail.send_many(
            [
                {
                    "recipients": [f"contact{n}@cabinet-{n % 5000}.example"],
                    "sender": "Registre <registre@registre.example>",
                    "template": template,
                    "context": {"number": f"{7_000_000 + n:08d}", "name": f"Cabinet Étoile {n}"},
                    "headers": {"X-Reminder-Key": f"{n:040x}", "Auto-Submitted": "auto-generated"},
                }
                for n in range(first, min(first + BATCH, count))
            ]
        )


def main() -> None:
    """One verb."""
    peer = json.loads(os.environ["PEER"])
    set_up(peer)
    match sys.argv[1:]:
        case ["migrate"]:
            call_command("migrate", verbosity=0)
        case ["queue", count]:
            queue(int(count), peer["words"])
        case ["send"]:
            call_command("send_queued_mail", processes=PROCESSES, lockfile=peer["lockfile"])
        case ["sent"]:
            from post_office.models import STATUS, Email

            print(Email.objects.filter(status=STATUS.sent).count())
        case _:
            sys.exit("migrate, queue N, send or sent")


if __name__ == "__main__":
    main()
