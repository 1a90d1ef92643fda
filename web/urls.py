"""The public addresses. Those of a file and of a reason are printed in mails: they stay as they are."""

from django.urls import URLPattern, URLResolver, path, re_path

from web import views

app_name = "web"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("recherche/", views.search, name="search"),
    re_path(r"^dossier/(?P<orias_number>[0-9]{8})/$", views.file, name="file"),
    path("pourquoi/<str:token>/", views.why, name="why"),
]
