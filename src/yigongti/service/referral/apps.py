from django.apps import AppConfig


class ReferralConfig(AppConfig):
    name = "yigongti.service.referral"
    label = "referral"
    default_auto_field = "django.db.models.BigAutoField"
