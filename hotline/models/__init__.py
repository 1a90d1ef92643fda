"""The hotline's tables: complaints with their clocks."""

from hotline.models.complaint import Complaint, ComplaintCounter

__all__ = ["Complaint", "ComplaintCounter"]
