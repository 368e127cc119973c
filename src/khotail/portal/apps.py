from django.apps import AppConfig
from django.conf.locale import LANG_INFO
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "khotail.portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from khotail.portal import mongolian
        from khotail.portal.checks import check_mongolian

        LANG_INFO[mongolian.CODE] = {
            "bidi": False,
            "code": mongolian.CODE,
            "name": "Mongolian (traditional)",
            "name_local": "ᠮᠣᠩᠭᠣᠯ",
        }
        register(check_mongolian)
