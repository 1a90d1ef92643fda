"""What the commands on orders of the ACPR and the AMF share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.management.console import Failed
from registry.models import AuthorityOrder, Letter


def find_order(number: int) -> AuthorityOrder:
    """The order of that number. Raises Failed where there is none."""
    found = AuthorityOrder.objects.select_related("intermediary", "registration").filter(pk=number).first()
    if found is None:
        raise Failed(f"Aucun ordre {number}\u00a0: vérifiez son numéro.")
    return found


def plain_order(order: AuthorityOrder) -> dict[str, Any]:
    """An order for scripts."""
    return {
        "order": order.pk,
        "orias_number": order.intermediary.orias_number,
        "category": order.registration.category if order.registration else None,
        "kind": order.kind,
        "kind_label": order.get_kind_display(),
        "authority": order.authority,
        "act_reference": order.act_reference,
        "effective_on": order.effective_on,
        "ends_on": order.ends_on,
        "barred_until": order.barred_until,
        "carried_out": order.confirmed_by_id is not None,
        "letters": list(Letter.objects.filter(order=order).order_by("id").values_list("number", flat=True)),
    }


def tell_order(told: Mapping[str, Any]) -> str:
    """An order for people."""
    done = "exécuté" if told["carried_out"] else "à confirmer par une seconde personne (confirm_order)"
    letters = f" Lettre\u00a0: {', '.join(told['letters'])}." if told["letters"] else ""
    return (
        f"Ordre {told['order']} – {told['authority']} {told['act_reference']} – {told['orias_number']} "
        f"{told['category'] or ''}\u00a0: {told['kind_label'].lower()} au {told['effective_on']}, {done}.{letters}"
    )
