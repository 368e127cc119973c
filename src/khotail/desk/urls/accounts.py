"""Addresses of people's accounts."""

from django.urls import path

from khotail.desk.views import accounts, own_account

urlpatterns = [
    path("", accounts.officers, name="officers"),
    path("new/", accounts.new, name="officer_new"),
    path("export/", accounts.export, name="officers_export"),
    path("import/", accounts.take_list, name="officers_import"),
    path("import/example/", accounts.example, name="officers_example"),
    path("import/preview/", accounts.preview, name="officers_preview"),
    path("import/confirm/", accounts.confirm, name="officers_confirm"),
    path("import/rejects/", accounts.rejects, name="officers_rejects"),
    path("<int:pk>/", accounts.officer, name="officer"),
    path("<int:pk>/change/", accounts.change, name="officer_change"),
    path("<int:pk>/withdraw/", accounts.withdraw, name="officer_withdraw"),
    path("<int:pk>/restore/", accounts.restore, name="officer_restore"),
    path("<int:pk>/password/", accounts.reset_password, name="officer_reset_password"),
    path("<int:pk>/authenticator/", accounts.reset_totp, name="officer_reset_totp"),
    path("me/", own_account.account, name="account"),
    path("me/tokens/", own_account.new_token, name="token_new"),
    path("me/tokens/<int:pk>/withdraw/", own_account.end_token, name="token_withdraw"),
    path("me/sessions/", own_account.sessions, name="sessions"),
    path("me/sessions/end/", own_account.end_sessions, name="sessions_end"),
    path("me/sessions/<int:pk>/end/", own_account.end_session, name="session_end"),
]
