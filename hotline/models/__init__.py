"""The hotline's tables: complaints with their clocks, calls, incidents."""

from hotline.models.call import Call, LineCall
from hotline.models.complaint import Complaint, ComplaintCounter
from hotline.models.incident import Incident, IncidentUpdate

__all__ = ["Call", "Complaint", "ComplaintCounter", "Incident", "IncidentUpdate", "LineCall"]
