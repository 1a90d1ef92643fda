"""The addresses at which partners' clients look for the web service, the older one too."""

from django.urls import path

from api.v1.partner_soap import PartnerSoapView

urlpatterns = [
    path("ws/service/", PartnerSoapView.as_view(), name="partner-soap"),
    path("service", PartnerSoapView.as_view()),
]
