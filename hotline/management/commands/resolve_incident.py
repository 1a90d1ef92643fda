"""Say that an incident is over."""

from __future__ import annotations

from hotline.management.commands.update_incident import Command as UpdateIncident


class Command(UpdateIncident):
    """`resolve_incident ID MESSAGE`."""

    help = (
        "Say that an incident is over, and what it was. What it paused or stopped stays so: resume_batch and "
        "resume_sending let it go on."
    )
    examples = "  manage.py resolve_incident 3 'Les rectificatifs sont partis.' --by lea"
    ends = True
