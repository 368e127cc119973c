from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The installation itself: it has no tables, and checks its settings and its database."""

    name = "khotail.site"
    label = "khotail_site"

    def ready(self) -> None:
        from khotail.site import checks  # noqa: F401
