from django.apps import AppConfig


class OfflineConfig(AppConfig):
    name = "yigongti.kernel.offline"
    label = "offline"
