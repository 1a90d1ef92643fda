"""Where people of intermediaries sign in, under the names that django-allauth looks for. Nothing else of it has an
address: no sign-up, no password, no change of mail."""

from django.urls import path

from web.views import people_sign_in as views

urlpatterns = [
    path("mon-espace/connexion/", views.ask_code, name="account_login"),
    path("mon-espace/connexion/", views.ask_code, name="account_request_login_code"),
    path("mon-espace/connexion/code/", views.type_code, name="account_confirm_login_code"),
    path("mon-espace/connexion/cle/", views.passkey, name="mfa_login_webauthn"),
]
