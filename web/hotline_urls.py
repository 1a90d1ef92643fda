"""The addresses of the hotline: its desk, its lead's pages, complaints."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from web.views import complaints, desk, desk_acts, incidents, lead, look_ups, synthesis

NUMBER = r"(?P<number>R-[0-9]{4}-[0-9]{5})"

urlpatterns: list[URLPattern] = [
    path("assistance/", desk.desk, name="desk"),
    path("assistance/appel/", desk.ringing, name="ringing"),
    path("assistance/verifier/", desk_acts.check, name="desk_check"),
    path("assistance/noter/", desk_acts.log, name="desk_log"),
    path("assistance/rappels/", desk_acts.call_backs, name="call_backs"),
    path("assistance/consultations/", look_ups.look_ups, name="look_ups"),
    path("assistance/ligne/", lead.line, name="line"),
    path("assistance/tableau/", lead.wallboard, name="wallboard"),
    path("assistance/renforts/", lead.extra_agents, name="extra_agents"),
    path("assistance/incidents/", incidents.incidents, name="incidents"),
    path("assistance/incidents/<int:incident_id>/", incidents.incident, name="incident"),
    path("assistance/reclamations/", complaints.worklist, name="complaint_list"),
    path("assistance/reclamations/nouvelle/", complaints.new, name="complaint_new"),
    path("assistance/reclamations/synthese/", synthesis.synthesis, name="synthesis"),
    path("assistance/reclamations/synthese.pdf", synthesis.pdf, name="synthesis_pdf"),
    path("assistance/reclamations/synthese.csv", synthesis.spreadsheet, name="synthesis_csv"),
    re_path(rf"^assistance/reclamations/{NUMBER}/$", complaints.detail, name="complaint"),
    re_path(rf"^assistance/reclamations/{NUMBER}/(?P<act>[a-z]+)/$", complaints.act, name="complaint_act"),
]
