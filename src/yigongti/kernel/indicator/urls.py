from django.urls import path

from yigongti.kernel.indicator import pages

urlpatterns = [
    path("", pages.figures, name="figures"),
    path("rebuild/", pages.rebuild, name="figures_rebuild"),
    path("<slug:code>/", pages.explain, name="figure"),
]
