"""Addresses of the parameters."""

from django.urls import path

from . import blueprint_pages, pages

app_name = "policy"
urlpatterns = [
    path("blueprints/", blueprint_pages.blueprints, name="blueprints"),
    path("blueprints/compare/", blueprint_pages.compare, name="blueprint_compare"),
    path("blueprints/<str:code>/", blueprint_pages.blueprint, name="blueprint"),
    path("policy/", pages.parameters, name="parameters"),
    path("policy/<str:key>/", pages.parameter, name="parameter"),
]
