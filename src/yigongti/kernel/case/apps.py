from django.apps import AppConfig


class CaseConfig(AppConfig):
    name = "yigongti.kernel.case"
    label = "case"
    default_auto_field = "django.db.models.BigAutoField"
