"""What is kept about policies in transition, who answers for what, inspections, and the four not-removes."""

from khotail.oversight.models.continuity import Alarm, Point
from khotail.oversight.models.inspections import Inspection, Shortcoming
from khotail.oversight.models.plans import PlanFigure, PlanStep, PolicyPlan
from khotail.oversight.models.policies import ClassChange, Policy, PolicyReview
from khotail.oversight.models.responsibility import Responsibility
from khotail.oversight.models.transition import Extension, Transition

__all__ = [
    "Alarm", "ClassChange", "Extension", "Inspection", "PlanFigure", "PlanStep", "Point", "Policy", "PolicyPlan",
    "PolicyReview", "Responsibility", "Shortcoming", "Transition",
]  # fmt: skip
