"""Addresses of the parameters."""

from django.urls import path

from . import pages

app_name = "policy"
urlpatterns = [
    path("policy/", pages.parameters, name="parameters"),
    path("policy/<str:key>/", pages.parameter, name="parameter"),
]
