import io
import shutil
import tarfile
from pathlib import Path

import pytest

NUMBERS = "from khotail.accounts.models import Officer; from khotail.register.models import Region\n"


def count(installation) -> list[int]:
    return [installation.number(f"SELECT count(*) FROM {table}") for table in ("accounts_officer", "register_region")]


@pytest.fixture(scope="module")
def backed_up_once(set_up_once, tmp_path_factory):
    """A backup of the installation of which each test has a copy."""
    (set_up_once.home / "files" / "ab").mkdir(parents=True)
    (set_up_once.home / "files" / "ab" / "photo").write_bytes(b"sealed")
    path = tmp_path_factory.mktemp("backup") / "backup.tar.gz"
    done = set_up_once.run("backup", path)
    assert done.returncode == 0, done.stderr
    yield path
    shutil.rmtree(set_up_once.home / "files")


@pytest.fixture
def backed_up(backed_up_once, installation, tmp_path):
    return Path(shutil.copy2(backed_up_once, tmp_path / "backup.tar.gz"))


def spoil(path: Path, name: str, content: bytes | None) -> Path:
    """The same backup with one member changed, or left out."""
    spoiled = path.with_name("spoiled.tar.gz")
    with tarfile.open(path) as old, tarfile.open(spoiled, "w:gz") as new:
        for member in old.getmembers():
            data = old.extractfile(member).read()
            if member.name.startswith(name):
                if content is None:
                    continue
                data = content
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return spoiled


def test_a_backup_comes_back_elsewhere_word_for_word(installation, backed_up, another):
    fresh = another(keys_of=installation)
    done = fresh.run("restore", backed_up)
    assert done.returncode == 0, done.stderr
    assert count(fresh) == count(installation)
    assert (fresh.home / "files" / "ab" / "photo").read_bytes() == b"sealed"
    assert (fresh.home / "banner").read_text() == "152221\n"
    assert fresh.run("verify-trail").returncode == 0


def test_a_backup_holds_no_keys_and_is_for_its_owner_alone(installation, backed_up):
    content = b"".join(member for member in contents(backed_up))
    assert installation.environment["KHOTAIL_DATA_KEY"].encode() not in content
    assert installation.environment["KHOTAIL_SECRET_KEY"].encode() not in content
    assert backed_up.stat().st_mode & 0o077 == 0


def contents(path):
    with tarfile.open(path) as tar:
        for member in tar.getmembers():
            yield tar.extractfile(member).read()


def test_data_are_not_overwritten_unless_one_says_so(installation, backed_up):
    installation.python(NUMBERS + "Officer.objects.update(full_name='changed')")
    refused = installation.run("restore", backed_up)
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert installation.python(NUMBERS + "print(Officer.objects.get().full_name)") == "changed"
    (installation.home / "files" / "later").write_bytes(b"made after the backup")
    assert installation.run("restore", "--force", backed_up).returncode == 0
    assert installation.python(NUMBERS + "print(Officer.objects.get().full_name)") != "changed"
    assert not (installation.home / "files" / "later").exists()
    assert [path.name for path in installation.home.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("member", "content", "said"),
    [("database", b"nonsense", "was changed"), ("home/files", b"other", "was changed"), ("database", None, "is missing"), ("manifest", b"{", "whole backup")],
)  # fmt: skip
def test_a_damaged_backup_changes_nothing(installation, backed_up, member, content, said):
    before = count(installation)
    done = installation.run("restore", "--force", spoil(backed_up, member, content))
    assert done.returncode == 3 and said in done.stderr, done.stderr
    assert count(installation) == before
    assert (installation.home / "files" / "ab" / "photo").read_bytes() == b"sealed"


def test_half_a_backup_and_something_else_are_refused(installation, backed_up, tmp_path):
    half, text = tmp_path / "half", tmp_path / "text"
    half.write_bytes(backed_up.read_bytes()[: backed_up.stat().st_size // 2])
    text.write_text("hello")
    for path in (half, text, tmp_path / "none"):
        done = installation.run("restore", "--force", path)
        assert done.returncode == 3 and "Traceback" not in done.stderr, done.stderr


def test_a_backup_under_other_keys_is_refused(backed_up, another):
    done = another().run("restore", backed_up)
    assert done.returncode == 2 and "KHOTAIL_DATA_KEY" in done.stderr


def test_a_member_that_would_leave_its_folder_is_refused(installation, backed_up, tmp_path):
    wicked = tmp_path / "wicked.tar.gz"
    with tarfile.open(backed_up) as old, tarfile.open(wicked, "w:gz") as new:
        for member in old.getmembers():
            new.addfile(member, old.extractfile(member))
        member = tarfile.TarInfo("../../escaped")
        new.addfile(member, io.BytesIO(b""))
    done = installation.run("restore", "--force", wicked)
    assert done.returncode == 3 and not list(tmp_path.rglob("escaped"))


def test_an_existing_backup_is_not_overwritten(installation, backed_up):
    before = backed_up.read_bytes()
    assert installation.run("backup", backed_up).returncode == 2
    assert backed_up.read_bytes() == before
