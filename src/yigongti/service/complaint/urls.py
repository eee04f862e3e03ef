"""Addresses of the resident's pages."""

from django.urls import path

from yigongti.service.complaint import pages

app_name = "complaint"
urlpatterns = [
    path("me/voice/", pages.mine, name="mine"),
    path("me/voice/new/<slug:kind>/", pages.new, name="new"),
    path("me/voice/<int:id>/<slug:transition>/", pages.rate, name="rate"),
]
