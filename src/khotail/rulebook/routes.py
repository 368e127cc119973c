"""Classes of issues, and who answers for each: what a route consists of.

A route is a leaf of the class tree. Its words are what people say when they mean it, so that a message can be compared
with them; days are working days, as a number or as the name of a parameter. `khotail.issues` carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from khotail.rulebook.model import Confidence, Parameter, Place
from khotail.texts import Text

#: Working days: how many, or the parameter that says so.
Days = int | str
AttributeKind = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]

ATTRIBUTE_KINDS: tuple[str, ...] = get_args(AttributeKind)

#: Fields of work that a body answers for. `government` is the general office of a level, `committee` the village's.
FIELDS: dict[str, Text] = {
    "committee": Text("嘎查村民委员会", "village committee"),
    "supervision": Text("村务监督委员会", "village supervision committee"),
    "government": Text("政府综合办公室", "general office"),
    "agriculture": Text("农牧", "agriculture and husbandry"),
    "grassland": Text("林草", "forestry and grassland"),
    "civil_affairs": Text("民政", "civil affairs"),
    "education": Text("教育", "education"),
    "energy": Text("供电", "electricity"),
    "emergency_management": Text("应急", "emergency management"),
    "environment": Text("生态环境", "environment"),
    "disabled_federation": Text("残联", "disabled persons' federation"),
    "health": Text("卫生健康", "health"),
    "housing": Text("住建", "housing and construction"),
    "human_resources": Text("人社", "employment and social security"),
    "justice": Text("司法", "justice"),
    "land": Text("自然资源", "land"),
    "medical_insurance": Text("医保", "medical insurance"),
    "public_security": Text("公安", "public security"),
    "revitalisation": Text("乡村振兴", "rural revitalisation"),
    "telecom": Text("通信", "telecommunications"),
    "transport": Text("交通", "transport"),
    "water": Text("水利", "water"),
}


@dataclass(frozen=True, slots=True)
class RouteAttribute:
    """A question that belongs to a class: asked when an issue is raised, and offered as a GeoReport attribute."""

    id: str
    kind: AttributeKind
    label: Text
    required: bool
    values: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class RightsCard:
    """What whoever raises it may know: which post answers, on what legal basis, in which steps, what is disclosed."""

    post: Text
    basis: str
    steps: tuple[Text, ...]
    disclosed: Text


@dataclass(frozen=True, slots=True)
class RouteGroup:
    """A branch of the class tree."""

    id: str
    name: Text
    place: Place


def days_on(days: Days, parameters: Mapping[str, Parameter], on: date, region: str) -> int:
    """How many working days that is on a day in a region. Raises KeyError if the parameter has no value then and there."""
    if isinstance(days, int):
        return days
    value = parameters[days].in_force(on, region)
    if value is None:
        raise KeyError(days)
    return int(value.value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Route:
    """A class of issues.

    words         what people say when they mean it, in Chinese; the more different, the better it is found
    field         of `FIELDS`: the body that answers for it
    level         at which that body sits; if there is none, the next one up
    accept_days   working days in which the body says that it is theirs
    days          working days in which it is resolved, from the day it was raised
    extend_days   most working days by which that may be put off, once, with a reason
    quiet         never shown or counted in public
    causes        of `CAUSES`: an issue of this class quietly raises a lead in casework
    """

    id: str
    group: str
    name: Text
    description: Text
    words: tuple[str, ...]
    field: str
    level: str
    accept_days: Days
    days: Days
    extend_days: Days
    quiet: bool
    urgent: bool
    causes: tuple[str, ...]
    card: RightsCard
    attributes: tuple[RouteAttribute, ...]
    region: str
    since: date
    until: date | None
    source: str
    confidence: Confidence
    place: Place

    def holds_on(self, day: date, region: str = "") -> bool:
        """Whether the class is open to a region on `day`."""
        return self.since <= day and (self.until is None or day <= self.until) and region.startswith(self.region)
