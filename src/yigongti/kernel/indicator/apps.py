from django.apps import AppConfig


class IndicatorConfig(AppConfig):
    name = "yigongti.kernel.indicator"
    label = "indicator"
