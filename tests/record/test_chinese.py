"""The Chinese of the pages is whole, and what is shipped is what was written."""

from pathlib import Path

import polib
from django.utils import translation
from django.utils.translation import gettext

import khotail

CATALOGUE = Path(khotail.__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_every_string_has_its_chinese():
    catalogue = polib.pofile(str(CATALOGUE))
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


def test_the_compiled_catalogue_is_that_of_the_written_one():
    written = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in polib.pofile(str(CATALOGUE))}
    compiled = {entry.msgid: entry.msgstr or entry.msgstr_plural for entry in polib.mofile(str(CATALOGUE)[:-2] + "mo")}
    assert compiled == written


def test_pages_speak_chinese_when_asked_to():
    with translation.override("zh-hans"):
        assert gettext("Nothing has been screened yet.") == "还没有筛查过。"


def test_the_sign_in_page_is_chinese_by_default(client, db, settings):
    settings.LANGUAGE_CODE = "zh-hans"
    page = client.get("/accounts/sign-in/", headers={"accept-language": "zh-CN"}).content.decode()
    assert 'lang="zh' in page and "登录" in page
