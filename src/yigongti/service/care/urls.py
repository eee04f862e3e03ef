"""Addresses of the workstation."""

from django.urls import path

from yigongti.kernel.form import urls as _forms  # registers <rowid:…>
from yigongti.service.care import pages

assert _forms.app_name
app_name = "care"
urlpatterns = [
    path("care/", pages.day, name="day"),
    path("care/find", pages.find, name="find"),
    path("care/register/<rowid:subject>", pages.register, name="register"),
    path("care/visit/<rowid:visit>", pages.visit, name="visit"),
    path("care/visit/<rowid:visit>/suggestions", pages.suggestions, name="suggestions"),
    path("care/record/<rowid:subject>", pages.record, name="record"),
    path("care/record/<rowid:subject>/allergy", pages.allergy, name="allergy"),
    path("care/record/<rowid:subject>/problem", pages.problem, name="problem"),
]
