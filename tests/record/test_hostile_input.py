"""Markup, formulas, NUL, endless text, dates of 1900 and 2100 in every field of every form, and files that are not what
they say: never a failure, shown as text, and what was typed is still there.

Forms are found in the pages themselves, so a new form is tried from its first day.
"""

from __future__ import annotations

import html
import io
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from khotail.casework.models import Lead
from tests.record.test_scope_walk import undone
from tests.record.world import World, addresses, build

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
TEXTS = {
    "markup": SCRIPT,
    "formula": '=HYPERLINK("http://x","y")&+-@cmd|\' /C calc\'!A0',
    "nul": "a\x00b\x1b\x7f",
    "emoji": "👩‍👩‍👧‍👦🇲🇳 ᠮᠣᠩᠭᠣᠯ 𠮷",
    "right to left": "\u202egnp.exe\u202c\u2066\u200f",
    "endless": "长" * 100_000,
    "template": "{{ 7*7 }}{% include 'x' %}${7*7} %s %(x)s {0.__class__}",
    "sql": "'; DROP TABLE register_household; --\\",
    "half a character": "\ud800",
}
DATES = ("1900-01-01", "2100-12-31", "0000-00-00", "9999-12-31", "0001-01-01", "2026-02-30", "今天", "-1-1-1")
NUMBERS = ("-1", "1e400", "NaN", "９９９", "9" * 400, "1,5", "0x10")
FILES = (
    ("../../../etc/passwd", b"root:x:0:0"),
    ("<script>alert(1)</script>.pdf", b"%PDF-1.7\n<script>alert(1)</script>"),
    ("=cmd|calc.xlsx", b"MZ\x90\x00 not a workbook"),
    ("broken.xlsx", b"PK\x03\x04" + b"\x00" * 40),
    ("x" * 300 + ".csv", "证件号码\n=1+1\n".encode("gb18030")),
    ("empty.png", b""),
    ("nul\x00.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 20),
    ("CON", b"\x89PNG\r\n\x1a\n" + b"\xff" * 64),
)
#: Not filled in: signing out and in, and what only works once.
SKIPPED = ("/accounts/sign-out/", "/accounts/sign-in/", "/language/")
ALIVE = "<script>alert(1)"


@dataclass
class Form:
    """One form of a page: where it goes, and its fields as (name, kind, value that is there)."""

    action: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return self.action, tuple(sorted({name for name, _kind, _value in self.fields}))


class Forms(HTMLParser):
    """Reads the forms that are posted."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.found, self.open = path, [], None
        self.area, self.select = None, None

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        if tag == "form":
            self.open = Form(has.get("action") or self.path)
            if (has.get("method") or "get").lower() == "post":
                self.found.append(self.open)
        elif self.open is None or (not has.get("name") and tag != "option"):
            return
        elif tag == "textarea":
            self.area = [has["name"], ""]
        elif tag == "select":
            self.select = has["name"]
        elif tag == "option" and self.select and has.get("value"):
            self.open.fields.append((self.select, "select", has["value"]))
            self.select = None
        elif tag in ("input", "button"):
            kind = has.get("type") or ("text" if tag == "input" else "submit")
            self.open.fields.append((has["name"], kind, has.get("value") or ""))

    def handle_data(self, data):
        if self.area:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area and self.open:
            self.open.fields.append((self.area[0], "textarea", self.area[1]))
            self.area = None
        if tag == "form":
            self.open = None


def forms_of(path: str, page: str) -> list[Form]:
    reader = Forms(path)
    reader.feed(page)
    return [each for each in reader.found if not each.action.startswith(SKIPPED)]


def forms_everywhere(browser: Client, world: World) -> list[Form]:
    """Every form that somebody meets on a page, once."""
    found = {}
    queries = ({}, {"household": world.ids["household"]}, {"unknown": "1"})
    for address in addresses():
        if address.is_api or address.path(world).startswith(SKIPPED):
            continue
        for query in queries if address.name == "lead_raise" else queries[:1]:
            with undone():
                answer = browser.get(address.path(world), query)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                for form in forms_of(address.path(world), answer.content.decode()):
                    found.setdefault(form.key, form)
    return list(found.values())


def filled(form: Form, text: str | None = None, day: str = "2026-06-01", number: str = "3") -> dict[str, object]:
    """The form as it is, with text, day or number put into whatever takes one."""
    data: dict[str, object] = {}
    for name, kind, value in form.fields:
        if name == "csrfmiddlewaretoken" or kind == "file":
            continue
        if kind in ("textarea", "text", "search", "tel", "email", "url", "password") and text is not None:
            data[name] = text
        elif kind == "date":
            data[name] = day
        elif kind == "number":
            data[name] = number
        elif kind in ("radio", "checkbox"):
            data.setdefault(name, value or "on")
        else:
            data[name] = value or data.get(name) or ("x" if kind != "hidden" else "")
    return data


#: What is not shown again on purpose: a code, a search that was answered, the name of a token that was made.
NOT_SHOWN_AGAIN = {("/my/sign-in/", "code"), ("/issues/new/", "find"), ("/visits-plan/odk/", "name")}


def look_at(form: Form, what: str, answer, sent: dict[str, object]) -> list[str]:
    """What is wrong with an answer: it failed, markup is alive, or something typed is gone from the form."""
    told, page = f"{form.action} with {what}: {answer.status_code}", answer.content.decode("utf-8", "replace")
    wrong = [f"{told} fails"] if answer.status_code >= 500 else []
    is_page = answer.get("Content-Type", "").startswith("text/html")
    if is_page and ALIVE in page:
        wrong.append(f"{told} runs what was typed")
    if is_page and answer.status_code in (200, 400):
        for again in forms_of(form.action, page):
            if again.key != form.key:
                continue
            for name, kind, value in again.fields:
                if (form.action, name) in NOT_SHOWN_AGAIN:
                    continue
                typed = str(sent.get(name, ""))
                is_kept = value.strip() == html.unescape(typed).replace("\x00", "").strip() or typed.startswith(
                    "\ud800"
                )
                if kind in ("textarea", "text") and typed and not is_kept and value.strip() != typed.strip():
                    wrong.append(f"{told} loses what was typed into {name}")
    return wrong


@pytest.fixture(autouse=True)
def no_limits(settings) -> None:
    settings.KHOTAIL_LIMITS = ()


@pytest.fixture
def world(household, officers, now) -> World:
    return build(household, "本户", officers["administrator"], now)


def send(browser: Client, form: Form, what: str, data: dict[str, object]) -> list[str]:
    cookies = browser.cookies.output(header="", sep=";")
    try:
        with undone():
            return look_at(form, what, browser.post(form.action, data), data)
    except Exception as error:
        return [f"{form.action} with {what}: {type(error).__name__}: {str(error)[:300]}"]
    finally:
        browser.cookies = SimpleCookie(cookies)  # some forms end the session


def encoded(text: str) -> str:
    """Half characters cannot be sent by a browser; they come as the bytes that they would be."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


PEOPLE = ("administrator", "village_cadre", "banner_officer")


def typed_into(form: Form) -> list[tuple[str, dict[str, object]]]:
    """What is sent in a form, with a word for it; each body once, for not every form takes text, a day or a number."""
    kinds = {kind for _name, kind, _value in form.fields}
    bodies = [(what, filled(form, encoded(text))) for what, text in TEXTS.items()]
    bodies += [(day, filled(form, "x", day=day)) for day in DATES if "date" in kinds]
    bodies += [(number[:10], filled(form, number, number=number)) for number in NUMBERS]
    bodies.append(("other choices", {name: SCRIPT for name, _kind, _value in form.fields}))
    return [each for at, each in enumerate(bodies) if all(each[1] != before for _what, before in bodies[:at])]


def test_whatever_is_typed_into_a_form_is_refused_or_kept_as_text(signed_in, world):
    """By whoever of the three meets the form first."""
    met, wrong = set(), []
    for key in PEOPLE:
        browser = signed_in(key)
        forms = forms_everywhere(browser, world)
        assert len(forms) > 10
        for form in (each for each in forms if each.key not in met):
            met.add(form.key)
            for what, body in typed_into(form):
                wrong += send(browser, form, what, body)
    assert not wrong, "\n".join(wrong)


@pytest.mark.one_database
@pytest.mark.parametrize("key", PEOPLE[:2])
def test_files_that_are_not_what_they_say_are_refused_in_words(signed_in, world, key):
    browser, wrong = signed_in(key), []
    forms = [form for form in forms_everywhere(browser, world) if any(kind == "file" for _n, kind, _v in form.fields)]
    assert forms
    for form in forms:
        for name, content in FILES:
            files = {
                each: SimpleUploadedFile("x", content) for each, kind, _value in form.fields if kind == "file"
            }  # fmt: skip
            for file in files.values():
                file.name = name
            wrong += send(browser, form, name[:20], filled(form, "x") | files)
    assert not wrong, "\n".join(wrong)


@pytest.mark.one_database
def test_what_was_typed_is_shown_as_text_on_every_page_afterwards(signed_in, household, officers, now):
    world = build(household, SCRIPT, officers["administrator"], now)
    household.head_name = SCRIPT[:60]
    household.save()
    browser, seen = signed_in("administrator"), 0
    for address in addresses():
        for query in (
            {},
            {"q": SCRIPT, "region": SCRIPT, "page": SCRIPT, "order": SCRIPT, "state": SCRIPT, "on": SCRIPT},
        ):
            if address.is_api:
                continue
            with undone():
                answer = browser.get(address.path(world), query)
            assert answer.status_code < 500, address.name
            if answer.get("Content-Type", "").startswith("text/html"):
                page = answer.content.decode()
                assert ALIVE not in page and "<img src=x" not in page, address.name
                seen += html.escape(ALIVE) in page
    assert seen > 8


@pytest.mark.parametrize("what", TEXTS)
def test_the_api_takes_any_text_as_text(officers, signed_in, world, what):
    browser, text = signed_in("administrator"), TEXTS[what]
    paths = browser.get("/api/openapi.json").json()["paths"]
    routes = {"/" + each.route.replace("<", "{").replace(">", "}"): each for each in addresses() if each.is_api}
    bodies = ({}, [], text, {name: text for name in ("text", "words", "reason", "told_by", "said_by", "channel", "kind",
              "region_code", "outcome")}, {"text": {"a": [text]}, "record": {text[:50]: [text, {"a": text}]},
              "outcome": "no-risk", "reason": text, "documents": [1, -1, 10**30], "household_id": 10**30})  # fmt: skip
    for path, methods in paths.items():
        address = routes[path].path(world)
        for method, told in methods.items():
            query = {each["name"]: encoded(text)[:3000] for each in told.get("parameters", ()) if each["in"] == "query"}
            with undone():
                if method == "get":
                    answers = [browser.get(address, query), browser.get(address, dict.fromkeys(query, "-1"))]
                else:
                    answers = [
                        browser.post(address, json.dumps(each), content_type="application/json") for each in bodies
                    ]
            for answer in answers:
                assert answer.status_code < 500, (path, answer.content[:300])
                assert answer["Content-Type"].startswith("application/json"), (
                    path,
                    method,
                    address,
                    answer.status_code,
                )
                assert answer["X-Content-Type-Options"], path


def test_a_lead_keeps_every_letter_that_was_said(signed_in, world):
    words = f"{SCRIPT} {TEXTS['formula']} {TEXTS['emoji']} {TEXTS['right to left']} {TEXTS['template']}"
    signed_in("village_cadre").post(
        "/leads/new/", {"household": world.household.pk, "channel": "visit", "words": words, "who": "self"}
    )
    assert Lead.objects.order_by("-id").first().words == words


def test_a_list_in_excel_holds_text_where_a_formula_was_typed(signed_in, world):
    openpyxl = pytest.importorskip("openpyxl")
    formula = "=1+1"
    world.household.head_name = formula
    world.household.save()
    answer = signed_in("administrator").get(f"/register/?region={world.household.region_code}&export=xlsx")
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(raw)).active.iter_rows() for cell in row]
    [cell] = [each for each in cells if formula in str(each.value)]
    assert cell.data_type == "s"
