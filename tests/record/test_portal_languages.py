"""Three languages, of which traditional Mongolian says only what somebody named has translated."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import call_command
from django.utils import translation

from khotail.accounts.language import readers_language
from khotail.portal import mongolian, texts

OWN = "ᠡᠪᠦᠷᠲᠡᠭᠡᠨ"


@pytest.fixture
def own_file(tmp_path, settings):
    """A function that writes the banner's own file and reads it anew."""
    settings.KHOTAIL_HOME = tmp_path

    def write(content: str | bytes) -> mongolian.Own:
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / "mongolian.csv").write_bytes(raw)
        _forget()
        return mongolian.own_texts()

    yield write
    _forget()


def _forget() -> None:
    mongolian.own_texts.cache_clear()
    translation.trans_real._translations.pop(mongolian.CODE, None)


def row(text="Home", said=OWN, source="演示译者，2026-06-01") -> str:
    out = io.StringIO()
    csv.writer(out).writerows([("text", "mongolian", "source"), (text, said, source)])
    return out.getvalue()


def test_every_packaged_text_names_its_place_in_the_cldr():
    for text, each in mongolian.packaged().items():
        assert each["source"].startswith("cldr-") and any("\u1820" <= sign <= "\u18aa" for sign in each["mongolian"]), (
            text
        )


def test_what_is_not_translated_is_said_in_chinese_and_never_in_cyrillic():
    mongolian.install()
    with translation.override(mongolian.CODE):
        assert translation.gettext("I have a difficulty") == "我有困难"
        assert translation.gettext("This field is required.") == "这个字段是必填项。"
        assert any("\u1820" <= sign <= "\u18aa" for sign in translation.gettext("Monday"))
        assert translation.ngettext("%(days)d working day left", "%(days)d working days left", 2).startswith("剩余")
        assert readers_language() == "zh"


def test_the_texts_are_found_in_templates_and_in_code():
    assert {"Home", "Monday", "Case of %(on)s", "You are signed out on every phone."} <= texts.of_portal()
    assert any(text.startswith("I agree that") and text.endswith("at any time.") for text in texts.of_portal())


def test_a_banner_adds_its_own_verified_texts(own_file):
    assert own_file(row()).problems == ()
    mongolian.install()
    with translation.override(mongolian.CODE):
        assert translation.gettext("Home") == OWN
    said, of = mongolian.share()
    assert 0 < said < of


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (row(source=""), "no source"),
        (row(text="Not a text of ours"), "no text of the portal"),
        (row(said="not Mongolian"), "no letter"),
        (row(text="Case of %(on)s"), "the same in both"),
        (row(said=f"{OWN}<script>"), "“<”"),
        (row() + row().split("\n", 1)[1], "twice"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"text,mongolian,source\n" + b"x" * 3_000_000, "larger"),
    ],
)
def test_a_line_that_is_not_right_is_left_out_and_told(own_file, content, told):
    found = own_file(content)
    assert len(found.problems) == 1 and told in found.problems[0]
    assert set(found.texts) <= {"Home"}


def test_the_check_of_the_installation_tells_of_wrong_lines(own_file, capsys):
    own_file(row(source=""))
    call_command("check")
    assert "no source" in capsys.readouterr().err


def test_the_list_for_translators_is_whole(capsys):
    call_command("mongolian")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {each["text"] for each in rows} == texts.of_portal()
    assert next(each for each in rows if each["text"] == "Monday")["source"].startswith("cldr-dates-full")


def test_only_the_portal_speaks_it(client, db):
    client.cookies["portal_language"] = "mn-mong"
    assert 'lang="mn-Mong" class="vertical' in client.get("/my/sign-in/").content.decode()
    assert "mn-" not in client.get("/accounts/sign-in/").content.decode()
    assert "mn-" not in client.get("/accounts/sign-in/", headers={"accept-language": "mn-Mong"}).content.decode()


def test_a_language_that_nobody_offers_is_not_taken(client, db):
    answer = client.post("/my/look/", {"language": "xx", "size": "huge", "next": "//elsewhere.example/"})
    assert answer["Location"] == "/my/" and client.cookies["portal_language"].value == "en"
    assert client.cookies["portal_size"].value == "normal"
