"""What the engine refuses, in words for the person who asked."""

from __future__ import annotations

from reminders.models import Batch


class ReminderError(Exception):
    """A refused act: what, where and what to do. Nothing was changed."""


class WrongRequest(ReminderError):
    """Something was asked for that cannot be meant: a wave that there is not, a stop without a reason."""


def no_such_batch(batch_id: int) -> ReminderError:
    """The error for a batch that there is not; it names the last one there is."""
    latest = Batch.objects.order_by("-id").values_list("id", flat=True).first()
    hint = f"Le dernier lot est le {latest}" if latest else "Aucun lot n’a encore été préparé"
    return ReminderError(f"Le lot {batch_id} n’existe pas. {hint}.")
