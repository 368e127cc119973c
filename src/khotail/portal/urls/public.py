"""Pages for everybody: the board, reporting, needs to be filled, and what a receipt opens."""

from django.urls import path

from khotail.portal.views import public_board, public_needs, public_receipt, public_report

urlpatterns = [
    path("board/", public_board.board_page, name="public_board"),
    path("board/figures/", public_board.figures_page, name="board_figures"),
    path("board/<str:number>/", public_board.issue_page, name="board_issue"),
    path("board/<str:number>/photos/<int:pk>/", public_board.photo, name="board_photo"),
    path("report/", public_report.report, name="report"),
    path("report/words/", public_report.suggested, name="report_words"),
    path("report/send/", public_report.send, name="report_send"),
    path("receipt/", public_receipt.receipt, name="receipt"),
    path("needs/", public_needs.needs, name="public_needs"),
    path("needs/receipt/", public_needs.receipt, name="pledge_receipt"),
    path("needs/<str:number>/", public_needs.need, name="public_need"),
]
