"""People from a list: read, show what would happen, then create those whose rows are right.

Nothing is created while the list is read. Rows that cannot be taken come back with their reasons; a person who is
there already is one of them, so the same list twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from khotail.accounts.actions import Created, check, create_officer
from khotail.accounts.models import Officer
from khotail.accounts.names import sign_in_name
from khotail.accounts.problems import NameTaken, NoPeopleInFile, OutsideYourRegion, TooManyPeople
from khotail.accounts.queries import require, taken_names
from khotail.accounts.roles import ROLE_NAMES, May, Role
from khotail.facts.problems import EmptyFile
from khotail.facts.reading.file import sheets_of
from khotail.facts.regions import PREFIX_LENGTHS, Regions
from khotail.problems import Problem
from khotail.texts import Text
from khotail.trail.chain import record

MOST = 2000
_MAX_BYTES = 64 << 20
_HEADER_WITHIN = 20
_HEADERS: dict[str, tuple[str, ...]] = {
    "full_name": ("姓名", "名字", "name", "full name"),
    "role": ("角色", "岗位", "role"),
    "region_code": ("地区代码", "区划代码", "行政区划代码", "region", "region code", "code"),
    "banner": ("旗县", "旗县区", "县", "banner", "county"),
    "township": ("苏木乡镇", "乡镇", "乡", "township"),
    "village": ("嘎查村", "行政村", "村", "village"),
    "department": ("部门", "单位", "department"),
    "phone": ("手机", "手机号", "联系电话", "电话", "phone", "mobile"),
    "email": ("邮箱", "电子邮箱", "email", "e-mail"),
    "username": ("登录名", "用户名", "账号", "sign-in name", "username"),
}
_OTHER_ROLE_NAMES = {
    "系统管理员": Role.ADMINISTRATOR, "干部": Role.OFFICER, "经办人": Role.OFFICER, "审核人": Role.REVIEWER,
    "嘎查村干部": Role.VILLAGE_CADRE, "嘎查干部": Role.VILLAGE_CADRE, "网格员": Role.VILLAGE_CADRE,
    "帮扶联系人": Role.HELPER, "帮扶干部": Role.HELPER, "部门干部": Role.DEPARTMENT_OFFICER,
    "部门联络员": Role.DEPARTMENT_OFFICER, "审计": Role.AUDITOR, "监督员": Role.AUDITOR,
    "村务监督委员会": Role.SUPERVISOR, "村务监督": Role.SUPERVISOR,
}  # fmt: skip
_NO_NAME = Text("没有姓名", "no name")
_THERE = Text("同一地区已有同名同角色的人员", "somebody of this name has this role in this region already")
_TWICE = Text("与第 {row} 行重复", "the same as row {row}")
_NO_PLACE = Text("在您的地区内找不到“{words}”", "no place called “{words}” within your region")
_BAD_PHONE = Text("电话号码不对", "not a phone number")


@dataclass(frozen=True)
class NewPerson:
    """One row that can be taken. `row` counts as the file does, from 1."""

    row: int
    full_name: str
    role: str
    region_code: str
    username: str
    department: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Reject:
    row: int
    cells: list[str]
    zh: str
    en: str


@dataclass
class Preview:
    """What a list would do. It holds plain values, so that it can wait in the session until it is confirmed."""

    file: str
    header: list[str]
    new: list[NewPerson] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def loaded(cls, stored: dict[str, Any]) -> Preview:
        return cls(
            stored["file"], stored["header"], [NewPerson(**one) for one in stored["new"]],
            [Reject(**one) for one in stored["rejects"]],
        )  # fmt: skip


def preview(path: Path, file: str, *, by: Officer) -> Preview:
    """Read a list (.xlsx, .xls, .csv) and say whom it would create.

    file  the name under which it was sent
    Raises NotAllowed, NoPeopleInFile, TooManyPeople and what `khotail.facts.reading.file.sheets_of` raises.
    """
    require(by, May.MANAGE_PEOPLE)
    try:
        sheets = list(sheets_of(path, _MAX_BYTES))
    except EmptyFile as error:
        raise NoPeopleInFile(file=file) from error
    for sheet in sheets:
        rows = [[_text(cell) for cell in cells] for cells in sheet.head(sheet.height)]
        numbers = sheet.rows.to_pylist()
        for at, cells in enumerate(rows[:_HEADER_WITHIN]):
            columns = _columns(cells)
            if {"full_name", "role"} <= columns.keys():
                body = [(numbers[i], rows[i]) for i in range(at + 1, len(rows)) if any(rows[i])]
                if len(body) > MOST:
                    raise TooManyPeople(file=file, rows=len(body), most=MOST)
                return _judged(Preview(file, cells), body, columns, by)
    raise NoPeopleInFile(file=file)


@transaction.atomic
def take(waiting: Preview, *, by: Officer, now: datetime) -> list[Created]:
    """Create the people of a preview: all of them, or none if one cannot be created any more (NameTaken and the like)."""
    require(by, May.MANAGE_PEOPLE)
    created = [
        create_officer(
            by, username=one.username, full_name=one.full_name, role=one.role, region_code=one.region_code, now=now,
            department=one.department, phone=one.phone, email=one.email, language=by.language,
        )
        for one in waiting.new
    ]  # fmt: skip
    record(by, "people.imported", by, at=now, created=len(created), rejected=len(waiting.rejects))
    return created


def _judged(found: Preview, body: list[tuple[int, list[str]]], columns: dict[str, int], by: Officer) -> Preview:
    taken = taken_names()
    there = set(Officer.objects.visible_to(by).values_list("full_name", "role", "region_code"))
    seen: dict[tuple[str, str, str], int] = {}
    for number, cells in body:
        values = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        try:
            one = _person(number, values, by, taken)
            key = (one.full_name, one.role, one.region_code)
            if key in seen:
                raise _Refused(_TWICE.filled(row=seen[key]))
            if key in there:
                raise _Refused(_THERE)
        except _Refused as refused:
            found.rejects.append(Reject(number, cells, refused.why.zh, refused.why.en))
        except Problem as problem:
            found.rejects.append(Reject(number, cells, problem.text.zh, problem.text.en))
        else:
            seen[key] = number
            taken.add(one.username)
            found.new.append(one)
    return found


def _person(number: int, values: dict[str, str], by: Officer, taken: set[str]) -> NewPerson:
    """The row as a person, checked as `create_officer` will. Raises Problem or _Refused."""
    name = re.sub(r"\s+", " ", values["full_name"])
    if not name:
        raise _Refused(_NO_NAME)
    role = _role(values["role"])
    region_code = _region(values, by)
    if not region_code.startswith(by.region_code):
        raise OutsideYourRegion(region=region_code, own=by.region_code)
    phone = re.sub(r"[\s-]", "", values.get("phone", "")).removesuffix(".0")
    if phone and not re.fullmatch(r"\+?\d{5,15}", phone):
        raise _Refused(_BAD_PHONE)
    username = values.get("username", "").lower() or sign_in_name(name, taken)
    if username in taken:
        raise NameTaken(username=username)
    one = NewPerson(
        number, name, role, region_code, username, values.get("department", ""), phone, values.get("email", "")
    )
    check(
        Officer(
            username=username, full_name=name, role=role, region_code=region_code, department=one.department,
            phone=phone, email=one.email,
        )
    )  # fmt: skip
    return one


def _role(words: str) -> str:
    """The role that the words name; the words themselves if none, to be refused."""
    plain = words.strip().lower()
    for role, names in ROLE_NAMES.items():
        if plain in (role, names.zh, names.en.lower()):
            return str(role)
    return str(_OTHER_ROLE_NAMES.get(plain, words))


def _region(values: dict[str, str], by: Officer) -> str:
    """The code that a row means: written as a code or as names; the administrator's own region if neither is given."""
    regions = Regions.load()
    written = values.get("region_code", "").removesuffix(".0")
    if written.isdecimal():
        return _significant(written)
    banner, township, village = (values.get(level, "") for level in ("banner", "township", "village"))
    if not (written or banner or township or village):
        return by.region_code
    if not banner and len(by.region_code) >= PREFIX_LENGTHS["banner"]:
        banner = regions.name(by.region_code[:6])
    if village and not township and len(by.region_code) >= PREFIX_LENGTHS["township"]:
        township = regions.name(by.region_code[:9])
    code = regions.find(banner or None, township or None, village or None)
    if written:
        code = regions.find(written) or regions.find(banner or None, written)
    if code is None:
        raise _Refused(_NO_PLACE.filled(words=" ".join(filter(None, (written, banner, township, village)))))
    return _significant(code)


def _significant(code: str) -> str:
    """A 12-digit code without the zeros that only pad it; any other as it is."""
    if len(code) != 12:
        return code
    return next(code[:length] for length in PREFIX_LENGTHS.values() if not code[length:].strip("0"))


def _columns(cells: list[str]) -> dict[str, int]:
    known = {header: name for name, headers in _HEADERS.items() for header in headers}
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = known.get(re.sub(r"[*＊]|[(（].*?[)）]", "", cell).strip().lower())
        if name and name not in found:
            found[name] = at
    return found


def _text(cell: str | None) -> str:
    return (cell or "").strip()


class _Refused(Exception):
    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)
