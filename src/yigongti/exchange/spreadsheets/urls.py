"""Addresses of import and export."""

from __future__ import annotations

from django.urls import path

from yigongti.exchange.spreadsheets import pages

app_name = "spreadsheets"
urlpatterns = [
    path("import/", pages.imports, name="imports"),
    path("import/<int:id>/", pages.run, name="run"),
    path("import/<int:id>/go/", pages.go, name="go"),
    path("import/<int:id>/problems.csv", pages.problems, name="problems"),
    path("import/<int:id>/passwords/", pages.credentials, name="credentials"),
    path("import/blank/<slug:kind>.<slug:form>", pages.blank, name="blank"),
    path("export/<slug:kind>.<slug:form>", pages.export, name="export"),
]
