"""Who answers which address."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

admin.autodiscover()

handler400 = "api.handlers.bad_request"
handler404 = "api.handlers.page_not_found"

urlpatterns = [
    # One door for the staff, where passwords tried are counted.
    path("admin/login/", RedirectView.as_view(pattern_name="web:login", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.v1.urls")),
    path("", include("api.partner_urls")),
    path("", include("web.sign_in_urls")),
    path("", include("web.urls")),
]
