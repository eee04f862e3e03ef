"""Addresses of the score sheet."""

from django.urls import path

from yigongti.benefit.performance import pages

app_name = "performance"
urlpatterns = [
    path("performance/upload/", pages.upload, name="upload"),
    path("performance/sheet.xlsx", pages.sheet, name="sheet"),
]
