"""Files that wait in clear: where they lie, who reads them, and what happens to those of a process that was killed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import override_settings

from khotail.intake import spool


@pytest.fixture
def home(settings, tmp_path):
    settings.KHOTAIL_HOME = tmp_path
    return tmp_path


def an_upload():
    handler = spool.HomeUploads()
    assert isinstance(handler, TemporaryFileUploadHandler)
    handler.new_file("files", "名单.xlsx", "application/octet-stream", 4)
    handler.receive_data_chunk(b"1234", 0)
    return handler.file_complete(4)


def aged(path, seconds=3600):
    os.utime(path, (time.time() - seconds, time.time() - seconds))
    return path


def test_a_large_upload_lies_in_the_home_folder_readable_by_its_owner_alone_and_goes_when_it_is_closed(home):
    sent = an_upload()
    (path,) = (home / "intake").glob(".sent-*")
    assert path.stat().st_mode & 0o077 == 0 and (home / "intake").stat().st_mode & 0o777 == 0o700
    assert sent.read() == b"1234" and sent.size == 4
    sent.close()
    assert not path.exists()


def test_what_is_being_worked_on_is_not_removed(home):
    sent = an_upload()
    with spool.scratch() as place:
        aged(place)
        aged(sent.temporary_file_path())
        assert spool.remove_leftovers() == 0 and place.exists()
    sent.close()


def test_what_a_killed_process_left_behind_is_removed(home):
    script = (
        "import os, pathlib\nfrom django.conf import settings\nsettings.configure(KHOTAIL_HOME=pathlib.Path(os.environ['HOME_OF_TEST']))\n"
        "from khotail.intake import spool\nwith spool.scratch() as place:\n    (place / 'a.xlsx').write_text('x')\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "HOME_OF_TEST": str(home)}, check=False)
    (left,) = (home / "intake").glob(".came-*")
    assert spool.remove_leftovers() == 0, "just made: perhaps not locked yet"
    aged(left)
    assert spool.remove_leftovers() == 1 and not left.exists()


def test_the_installation_takes_large_uploads_this_way(settings):
    assert "khotail.intake.spool.HomeUploads" in settings.FILE_UPLOAD_HANDLERS


@pytest.mark.django_db
def test_a_page_takes_a_large_upload_this_way_and_leaves_nothing(home, signed_in):
    file = io.BytesIO(b"a,b\n" + b"1,2\n" * 50_000)
    file.name = "a.csv"
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=1000):
        answer = signed_in("banner_officer").post("/intake/new/", {"files": [file]})
    assert answer.status_code in (302, 400)
    assert not list((home / "intake").glob(".sent-*")) and not list((home / "intake").glob(".came-*"))
