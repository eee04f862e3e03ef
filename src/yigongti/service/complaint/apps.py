from django.apps import AppConfig


class ComplaintConfig(AppConfig):
    name = "yigongti.service.complaint"
    label = "complaint"
    default_auto_field = "django.db.models.BigAutoField"
