"""Who answers which address."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.v1.urls")),
    path("", include("api.partner_urls")),
    path("", include("web.sign_in_urls")),
    path("", include("web.urls")),
]
