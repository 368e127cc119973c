from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScreeningConfig(AppConfig):
    name = "khotail.screening"
    verbose_name = _("Screening")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from khotail.intake import thresholds
        from khotail.screening import rulebook

        # Matching is to the left of this app, and goes by the region's own rulebook all the same.
        thresholds.read_with(lambda: rulebook.current().parameters)
