import re


def test_set_up_shows_the_first_password_once(another):
    fresh = another()
    first, second = (fresh.run("set-up", "--banner", "152221") for _ in range(2))
    assert re.search(r"First password .*: (\w{4}-){3}\w{4}", first.stdout)
    assert "administrator already" in second.stdout and "assword" not in second.stdout


def test_an_installation_keeps_its_banner(installation):
    other = installation.run("set-up", "--banner", "152222")
    assert other.returncode == 2 and "152221" in other.stderr


def test_an_unknown_banner_is_refused_before_anything_is_made(another):
    fresh = another()
    done = fresh.run("set-up", "--banner", "999999")
    assert done.returncode != 0 and "999999" in done.stderr and "Traceback" not in done.stderr
    assert not fresh.home.exists()


def test_without_keys_production_does_not_start(another):
    done = another().run("serve", KHOTAIL_DATA_KEY="")
    assert done.returncode == 2 and "khotail new-keys" in done.stderr


def test_new_keys_are_taken_as_they_are_printed(another):
    fresh = another()
    keys = dict(line.split("=", 1) for line in fresh.run("new-keys").stdout.split())
    assert fresh.run("set-up", "--banner", "152221", **keys).returncode == 0


def test_a_database_that_is_away_is_a_sentence(another):
    done = another().run("set-up", "--banner", "152221", KHOTAIL_DATABASE="postgres://nobody@127.0.0.1:1/none")
    assert done.returncode == 5 and "cannot be reached" in done.stderr and "Traceback" not in done.stderr


def test_without_the_web_packages_the_commands_say_what_to_install(another, tmp_path):
    (tmp_path / "django").mkdir()
    (tmp_path / "django" / "__init__.py").write_text("raise ModuleNotFoundError('no', name='django')")
    for command in (["serve"], ["worker"], ["backup", "b"], ["verify-trail"], ["manage", "check"]):
        done = another().run(*command, PYTHONPATH=str(tmp_path))
        assert done.returncode == 2 and "khotail[web]" in done.stderr, done.stderr


def test_check_deploy_has_nothing_to_say(another):
    done = another().run("manage", "check", "--deploy", "--fail-level", "WARNING", KHOTAIL_PLAIN_HTTP="0")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_no_change_to_a_model_is_without_its_migration(installation):
    done = installation.run("manage", "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout


def test_a_whole_trail_is_whole_and_a_forged_event_is_named(installation):
    assert installation.run("verify-trail").returncode == 0
    event = installation.python(
        "from django.utils import timezone; from khotail.trail.models import ChainHead, Event\n"
        "print(Event.objects.create(at=timezone.now(), verb='case.closed', subject_kind='case', subject_id='1',"
        " previous=ChainHead.objects.get().digest, digest='f' * 64).pk)"
    )
    done = installation.run("verify-trail")
    assert done.returncode == 1 and f"{event}\tchanged" in done.stdout
