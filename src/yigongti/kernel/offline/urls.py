from django.urls import path

from yigongti.kernel.offline import pages

app_name = "offline"
urlpatterns = [
    path("", pages.island, name="island"),
    path("worker.js", pages.worker, name="worker"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("packet/", pages.taken_along, name="packet"),
    path("send/", pages.send, name="send"),
]
