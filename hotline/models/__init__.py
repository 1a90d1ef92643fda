"""The hotline's tables: complaints with their clocks, calls, look-ups, incidents, extra agents, whys read."""

from hotline.models.call import Call, LineCall
from hotline.models.complaint import Complaint, ComplaintCounter
from hotline.models.extra_agent import ExtraAgent
from hotline.models.incident import Incident, IncidentUpdate
from hotline.models.look_up import LookUp
from hotline.models.why_reading import WhyReading

__all__ = [
    "Call",
    "Complaint",
    "ComplaintCounter",
    "ExtraAgent",
    "Incident",
    "IncidentUpdate",
    "LineCall",
    "LookUp",
    "WhyReading",
]
