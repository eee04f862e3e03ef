"""Addresses of forms: suggestions and drafts."""

from django.urls import path

from . import pages

app_name = "form"
urlpatterns = [
    path("form/lookup/<slug:source>", pages.lookup, name="lookup"),
    path("form/draft/<str:form>/<str:object>", pages.draft, name="draft"),
    path("form/draft/<int:id>/discard", pages.discard, name="discard"),
]
