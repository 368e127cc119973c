"""Addresses of the household's own pages. Whose they are, the session says; no address names a household."""

from django.urls import path

from khotail.portal.views import case, declaring, home, issues, record, signing_in

urlpatterns = [
    path("", home.home, name="my_home"),
    path("sign-in/", signing_in.sign_in, name="my_sign_in"),
    path("sign-in/who/", signing_in.who, name="my_who"),
    path("sign-out/", signing_in.sign_out, name="my_sign_out"),
    path("sign-out/everywhere/", signing_in.sign_out_everywhere, name="my_sign_out_everywhere"),
    path("account/", signing_in.account, name="my_account"),
    path("look/", signing_in.look, name="portal_look"),
    path("declare/", declaring.declare, name="my_declare"),
    path("declare/<int:pk>/", declaring.declared, name="my_declared"),
    path("case/", case.case, name="my_case"),
    path("case/objection/<int:pk>/", case.objection, name="my_objection"),
    path("record/", record.record, name="my_record"),
    path("record/wrong/", record.wrong, name="my_wrong"),
    path("record/corrections/", record.asked, name="my_corrections"),
    path("received/", record.received, name="my_received"),
    path("received/<int:pk>/ask/", record.ask_for, name="my_ask_for"),
    path("consents/", record.consents, name="my_consents"),
    path("consents/<int:pk>/withdraw/", record.withdraw, name="my_consent_withdraw"),
    path("looked/", record.looked, name="my_looked"),
    path("issues/", issues.issues, name="my_issues"),
    path("issues/<str:number>/", issues.issue, name="my_issue"),
]
