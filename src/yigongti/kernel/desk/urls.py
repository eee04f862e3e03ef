"""Addresses of every desk and case, and of the forms on them."""

from django.urls import include, path, register_converter

from yigongti.kernel.form import urls as _forms  # registers <rowid:…>

from . import pages


class Kind:
    """A file kind that a list can be exported as."""

    regex = "csv|xlsx"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Kind, "exportkind")

_desk = [
    path("desk/<slug:flow>/", pages.list_page, name="list"),
    path("desk/<slug:flow>/export.<exportkind:kind>", pages.export_file, name="export"),
    path("desk/<slug:flow>/new", pages.create, name="create"),
    path("desk/<slug:flow>/new/draft", pages.create_draft, name="create_draft"),
    path("desk/<slug:flow>/flow", pages.flow_page, name="flow"),
    path("desk/<slug:flow>/statistics", pages.statistics_page, name="statistics"),
    path("case/<rowid:id>/", pages.case_page, name="case"),
    path("case/<rowid:id>/do/<slug:transition>", pages.do, name="do"),
    path("case/<rowid:id>/draft/<slug:transition>", pages.draft, name="draft"),
    path("case/<rowid:id>/print", pages.print_page, name="print"),
    path("verify/<str:code>", pages.verify, name="verify"),
]

urlpatterns = [
    path("", include(_forms)),
    path("", include((_desk, "desk"))),
]
