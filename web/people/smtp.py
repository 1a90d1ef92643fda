"""Django's mail by the same relay as the reminders, outside their batches: codes to sign in with."""

from __future__ import annotations

import ssl
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from settings.mail import SmtpSettings

PATIENCE_SECONDS = 20


class RelayBackend(EmailBackend):
    """Reads `SMTP_URL` as it stands when a message leaves."""

    def __init__(self, **options: Any) -> None:
        relay: SmtpSettings = settings.SMTP
        self._verify = relay.verify
        super().__init__(
            host=relay.host,
            port=relay.port,
            username=relay.username,
            password=relay.password,
            use_tls=relay.tls == "starttls",
            use_ssl=relay.tls == "tls",
            timeout=PATIENCE_SECONDS,
            fail_silently=options.get("fail_silently", False),
        )

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """The system's authorities, or none where the address says verify=no."""
        context = ssl.create_default_context()
        if not self._verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
