"""Addresses of the workstation."""

from django.urls import path

from yigongti.kernel.form import urls as _forms  # registers <rowid:…>
from yigongti.service.care import pages
from yigongti.service.care.tags import pages as tags

assert _forms.app_name
app_name = "care"
urlpatterns = [
    path("care/", pages.day, name="day"),
    path("care/groups/", tags.groups, name="groups"),
    path("care/groups/people", tags.people, name="group_people"),
    path("care/record/<rowid:subject>/tags", tags.person, name="tags"),
    path("care/record/<rowid:subject>/tags/<rowid:fact>/end", tags.end, name="tag_end"),
    path("care/find", pages.find, name="find"),
    path("care/register/<rowid:subject>", pages.register, name="register"),
    path("care/visit/<rowid:visit>", pages.visit, name="visit"),
    path("care/visit/<rowid:visit>/suggestions", pages.suggestions, name="suggestions"),
    path("care/record/<rowid:subject>", pages.record, name="record"),
    path("care/record/<rowid:subject>/allergy", pages.allergy, name="allergy"),
    path("care/record/<rowid:subject>/problem", pages.problem, name="problem"),
]
