"""Addresses of booking."""

from django.urls import path

from yigongti.kernel.form import urls as _forms  # registers <rowid:…>
from yigongti.service.booking.pages import calendars, me, quota, window

assert _forms.app_name
app_name = "booking"
urlpatterns = [
    path("booking/", window.day, name="day"),
    path("booking/find", window.find, name="find"),
    path("booking/new/<rowid:subject>", window.new, name="new"),
    path("booking/wait/<rowid:subject>", window.wait, name="wait"),
    path("booking/waiting/", window.waiting, name="waiting"),
    path("booking/restricted/", window.restricted, name="restricted"),
    path("booking/restricted/<rowid:id>/appeal", window.appeal, name="appeal"),
    path("booking/one/<rowid:id>/", window.booking, name="booking"),
    path("booking/one/<rowid:id>/do", window.act, name="act"),
    path("booking/one/<rowid:id>/slip", window.print_slip, name="slip"),
    path("booking/week/", calendars.week, name="week"),
    path("booking/generate", calendars.generate, name="generate"),
    path("booking/resource/new", calendars.resource_new, name="resource_new"),
    path("booking/resource/<rowid:id>/", calendars.resource, name="resource"),
    path("booking/session/<rowid:id>/", calendars.session, name="session"),
    path("booking/place/<rowid:id>/", calendars.place, name="place"),
    path("booking/quota/", quota.overview, name="quota"),
    path("booking/quota/rows/", quota.rows, name="quota_rows"),
    path("me/bookings/", me.mine, name="me"),
    path("me/bookings/new", me.new, name="me_new"),
    path("me/bookings/wait", me.wait, name="me_wait"),
    path("me/bookings/waiting/<rowid:id>/", me.answer, name="me_answer"),
    path("me/bookings/restricted/<rowid:id>/appeal", me.appeal, name="me_appeal"),
    path("me/bookings/<rowid:id>/", me.booking, name="me_booking"),
    path("me/bookings/<rowid:id>/slip", me.print_slip, name="me_slip"),
]
