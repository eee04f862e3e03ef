from django.apps import AppConfig


class FormConfig(AppConfig):
    name = "yigongti.kernel.form"
    label = "form"
    verbose_name = "表单"
    default_auto_field = "django.db.models.BigAutoField"
