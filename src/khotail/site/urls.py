from django.urls import include, path

from khotail.site.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("khotail.accounts.urls")),
    path("api/", include("khotail.api.urls")),
    path("open311/", include("khotail.api.open311.urls")),
    path("openrosa/", include("khotail.field.openrosa.urls")),
    path("visits/", include("khotail.field.urls")),
    path("my/", include("khotail.portal.urls.household")),
    path("", include("khotail.portal.urls.public")),
    path("", include("khotail.desk.urls")),
]

handler500 = "khotail.desk.problems.server_error"
