"""Money by double entry, the projects it pays for, and what they leave behind."""

from khotail.funds.models.assets import Asset, AssetCheck
from khotail.funds.models.industry import HealthCard, Upgrade, YearFigures
from khotail.funds.models.ledger import Account, Entry, Fund
from khotail.funds.models.payments import Payment
from khotail.funds.models.projects import Milestone, Paper, Participation, Project, ProjectPlace

__all__ = [
    "Account", "Asset", "AssetCheck", "Entry", "Fund", "HealthCard", "Milestone", "Paper", "Participation", "Payment",
    "Project", "ProjectPlace", "Upgrade", "YearFigures",
]  # fmt: skip
