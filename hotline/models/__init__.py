"""The hotline's tables: complaints with their clocks, calls, look-ups, incidents, extra agents."""

from hotline.models.call import Call, LineCall
from hotline.models.complaint import Complaint, ComplaintCounter
from hotline.models.extra_agent import ExtraAgent
from hotline.models.incident import Incident, IncidentUpdate
from hotline.models.look_up import LookUp

__all__ = [
    "Call",
    "Complaint",
    "ComplaintCounter",
    "ExtraAgent",
    "Incident",
    "IncidentUpdate",
    "LineCall",
    "LookUp",
]
