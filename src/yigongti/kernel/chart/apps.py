from django.apps import AppConfig


class ChartConfig(AppConfig):
    name = "yigongti.kernel.chart"
    label = "chart"
