"""A list leaves under the letterhead with which it was approved, or not at all.

Under another every message of it would have other words than those approved: a machine with a setting of its own would
withdraw the whole list, one by one, as if everybody's file had changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reminders.errors import ReminderError
from reminders.messages.content import Letterhead
from reminders.messages.letterhead import frozen_letterhead
from reminders.models import Batch


class OtherLetterhead(ReminderError):
    """This machine would write a list in other words than those it was approved in."""


def require_letterhead(batches: Iterable[int], letterhead: Letterhead) -> None:
    """Raise OtherLetterhead where one of these batches was frozen with other settings; an old one does not say."""
    here = frozen_letterhead(letterhead)
    frozen = Batch.objects.filter(pk__in=set(batches)).exclude(letterhead__in=[{}, here])
    for batch, then in frozen.order_by("pk").values_list("pk", "letterhead"):
        raise OtherLetterhead(
            f"le lot {batch} a été préparé avec d’autres réglages que ceux de cette machine "
            f"({', '.join(_differences(then, here))})\u00a0; aucun destinataire n’est écarté. Donnez à la machine ceux "
            f"du lot et relancez deliver\u00a0; si les siens sont les bons, annulez le lot (cancel_batch {batch}) et "
            "préparez-le de nouveau."
        )


def _differences(then: Mapping[str, str], here: Mapping[str, str]) -> Iterator[str]:
    for name, value in here.items():
        if then.get(name) != value:
            both = f"\u00a0: «\u00a0{then.get(name, '')}\u00a0» au lot, «\u00a0{value}\u00a0» ici"
            yield name if name == "SECRET_KEY" else name + both
