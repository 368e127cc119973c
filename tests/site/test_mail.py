"""E-mail settings: read from the environment, and what is wrong with them said by `manage check --deploy`."""

from __future__ import annotations

import pytest

from khotail.site.mail import mail_from

SMTP = {
    "KHOTAIL_EMAIL_HOST": "smtp.example.cn",
    "KHOTAIL_EMAIL_USER": "khotail@example.cn",
    "KHOTAIL_EMAIL_PASSWORD": "secret",
}


def test_without_a_server_mail_goes_to_the_log():
    mail = mail_from({})
    assert (mail.backend.split(".")[-2], mail.flaws) == ("console", ())


@pytest.mark.parametrize(("tls", "port"), [("", 587), ("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_encryption_unless_it_is_named(tls, port):
    asked = SMTP | {"KHOTAIL_EMAIL_TLS": tls, "KHOTAIL_EMAIL_HOST": "localhost"}
    mail = mail_from(asked)
    assert (mail.backend.split(".")[-2], mail.port, mail.tls, mail.flaws) == ("smtp", port, tls or "starttls", ())
    assert mail.sender == "khotail@example.cn"
    assert mail_from(asked | {"KHOTAIL_EMAIL_PORT": "2525"}).port == 2525


def test_the_password_may_lie_in_a_file_of_its_own(tmp_path):
    file = tmp_path / "mail"
    file.write_text("secret\n")
    file.chmod(0o600)
    asked = SMTP | {"KHOTAIL_EMAIL_PASSWORD": "", "KHOTAIL_EMAIL_PASSWORD_FILE": str(file)}
    assert (mail_from(asked).password, mail_from(asked).flaws) == ("secret", ())
    file.chmod(0o644)
    assert "chmod 0600" in mail_from(asked).flaws[0].en
    file.unlink()
    assert [f"{file}, cannot be read" in flaw.en for flaw in mail_from(asked).flaws] == [True, False]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"KHOTAIL_EMAIL_TLS": "ssl"}, "starttls, tls or none"),
        ({"KHOTAIL_EMAIL_PORT": "smtp"}, "from 1 to 65535"),
        ({"KHOTAIL_EMAIL_PORT": "70000"}, "from 1 to 65535"),
        ({"KHOTAIL_EMAIL_PASSWORD": ""}, "set both KHOTAIL_EMAIL_USER and the password"),
        ({"KHOTAIL_EMAIL_USER": "", "KHOTAIL_EMAIL_FROM": "a@b.cn"}, "set both KHOTAIL_EMAIL_USER and the password"),
        ({"KHOTAIL_EMAIL_TLS": "none"}, "in clear"),
        ({"KHOTAIL_EMAIL_USER": "khotail"}, "set KHOTAIL_EMAIL_FROM"),
        (
            {"KHOTAIL_EMAIL_HOST": "", "KHOTAIL_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"},
            "set KHOTAIL_EMAIL_HOST",
        ),
    ],
)
def test_what_is_wrong_is_a_sentence_and_the_rest_still_works(changed, says):
    mail = mail_from(SMTP | changed)
    assert [says in flaw.en for flaw in mail.flaws] == [True] and mail.port in (25, 587)
    assert all(flaw.zh != flaw.en and "secret" not in flaw.zh + flaw.en for flaw in mail.flaws)


def test_the_check_before_the_first_start_says_so(installation):
    mail = {"KHOTAIL_EMAIL_HOST": "smtp.example.cn", "KHOTAIL_EMAIL_TLS": "none", "KHOTAIL_EMAIL_PASSWORD": "secret"}
    told = installation.run("manage", "check", "--deploy", **mail)
    assert "khotail.W001" in told.stderr and "set both KHOTAIL_EMAIL_USER" in told.stderr
    assert "in clear" in told.stderr and "set KHOTAIL_EMAIL_FROM" in told.stderr
    well = installation.run("manage", "check", "--deploy", "--database", "default", KHOTAIL_PLAIN_HTTP="0")
    assert "khotail" not in well.stderr and well.returncode == 0
