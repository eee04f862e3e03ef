from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "yigongti.shell"
    label = "shell"
