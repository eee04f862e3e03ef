"""Addresses of the registry's own pages."""

from __future__ import annotations

from django.urls import path

from yigongti.registry.pages import accounts, network, residents, supervision

app_name = "registry"
urlpatterns = [
    path("residents/", residents.mine, name="residents"),
    path("residents/find/", residents.find, name="find"),
    path("residents/new/", residents.register, name="register"),
    path("residents/duplicates/", residents.duplicates, name="duplicates"),
    path("resident/<int:id>/", residents.resident, name="resident"),
    path("resident/<int:id>/relations/", residents.relations, name="relations"),
    path("resident/<int:id>/looked/", residents.looked, name="looked"),
    path("resident/<int:id>/change/", residents.change, name="change"),
    path("resident/<int:id>/open/", residents.open_record, name="open"),
    path("resident/<int:id>/reveal/<str:what>/", residents.reveal, name="reveal"),
    path("institutions/", network.institutions, name="institutions"),
    path("institutions/<int:id>/", network.institution, name="institution"),
    path("institutions/<int:id>/abilities/", network.abilities, name="abilities"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.create, name="account_create"),
    path("accounts/<int:id>/", accounts.account, name="account"),
    path("accounts/<int:id>/<str:verb>/", accounts.act, name="account_act"),
    path("supervision/", supervision.overview, name="supervision"),
]
