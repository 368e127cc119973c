"""The Chinese of the pages is whole, and what is shipped is what was written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext

import khotail

SOURCE = Path(khotail.__file__).parent
IN_LOCALE = Path("locale") / "zh_Hans" / "LC_MESSAGES" / "django.po"
CATALOGUE = SOURCE / IN_LOCALE
#: what holds no words of the pages
_NOT_READ = ("__pycache__", "locale", "vendor", "fonts", "rulebooks", "regions", "*.parquet")


def test_every_string_has_its_chinese():
    catalogue = polib.pofile(str(CATALOGUE))
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == []


def ids(path: Path) -> set[tuple[str, str, str]]:
    """Context, text and plural of every entry."""
    return {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in polib.pofile(str(path))}


@pytest.fixture(scope="module")
def in_the_source(tmp_path_factory) -> set[tuple[str, str, str]]:
    """What Django finds in a copy of the code and the templates."""
    if not shutil.which("xgettext"):
        pytest.skip("xgettext is not installed (Debian's package gettext)")
    copy = tmp_path_factory.mktemp("messages") / "khotail"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns(*_NOT_READ))
    (copy / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans", "--no-location"]
    without_settings = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=without_settings, check=True, capture_output=True, timeout=120)
    return ids(copy / IN_LOCALE)


def test_the_catalogue_lacks_no_string_of_the_source(in_the_source):
    missing = in_the_source - ids(CATALOGUE)
    assert not missing, "\n".join(["without Chinese:", *(text for _context, text, _plural in sorted(missing))])


def test_the_catalogue_has_no_string_that_is_gone_from_the_source(in_the_source):
    gone = ids(CATALOGUE) - in_the_source
    assert not gone, "\n".join(["no longer in use:", *(text for _context, text, _plural in sorted(gone))])


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
