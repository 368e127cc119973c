"""How e-mail leaves: server, account and encryption, from the environment.

KHOTAIL_EMAIL_HOST           the mail server; without one, messages are written to the log and not sent
KHOTAIL_EMAIL_TLS            starttls (default), tls (from the first byte) or none
KHOTAIL_EMAIL_PORT           default: 587, 465 or 25, as encryption goes
KHOTAIL_EMAIL_USER           the account, if the server asks for one
KHOTAIL_EMAIL_PASSWORD       its password, or KHOTAIL_EMAIL_PASSWORD_FILE: a file that holds nothing else
KHOTAIL_EMAIL_FROM           the sender that people see
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from khotail.texts import Text

#: Encryption → the port that servers offer it on.
PORTS = {"starttls": 587, "tls": 465, "none": 25}
_NOBODY = "khotail@localhost"
_CONSOLE = "django.core.mail.backends.console.EmailBackend"
_SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True)
class Mail:
    """What Django is told, and what is wrong with what was set: `manage check --deploy` says it.

    password  empty if there is none, or its file cannot be read
    """

    backend: str
    host: str
    port: int
    tls: str
    user: str
    password: str
    sender: str
    flaws: tuple[Text, ...]


def mail_from(environment: Mapping[str, str]) -> Mail:
    """Read the settings; a wrong one is put aside, so that everything but e-mail still works."""
    flaws: list[Text] = []
    host = environment.get("KHOTAIL_EMAIL_HOST", "").strip()
    tls = environment.get("KHOTAIL_EMAIL_TLS", "").strip().lower() or "starttls"
    if tls not in PORTS:
        flaws.append(_WRONG_TLS.filled(value=tls))
        tls = "starttls"
    port = environment.get("KHOTAIL_EMAIL_PORT", "").strip()
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        flaws.append(_WRONG_PORT.filled(value=port))
        port = ""
    user = environment.get("KHOTAIL_EMAIL_USER", "")
    password = _password(environment, flaws)
    sender = environment.get("KHOTAIL_EMAIL_FROM", "").strip() or (user if "@" in user else _NOBODY)
    backend = environment.get("KHOTAIL_EMAIL_BACKEND") or (_SMTP if host else _CONSOLE)
    if backend == _SMTP:
        flaws += _flaws_of_sending(host, tls, user, password, sender)
    return Mail(backend, host or "localhost", int(port or PORTS[tls]), tls, user, password, sender, tuple(flaws))


def _password(environment: Mapping[str, str], flaws: list[Text]) -> str:
    path = environment.get("KHOTAIL_EMAIL_PASSWORD_FILE")
    if not path:
        return environment.get("KHOTAIL_EMAIL_PASSWORD", "")
    try:
        file = Path(path)
        if stat.S_IMODE(file.stat().st_mode) & stat.S_IRWXO:
            flaws.append(_OPEN_FILE.filled(path=path))
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        flaws.append(_NO_FILE.filled(path=path, error=type(error).__name__))
        return ""


def _flaws_of_sending(host: str, tls: str, user: str, password: str, sender: str) -> list[Text]:
    flaws = []
    if not host:
        flaws.append(_NO_HOST)
    if bool(user) != bool(password):
        flaws.append(_HALF_AN_ACCOUNT)
    if tls == "none" and password and host not in ("localhost", "127.0.0.1", "::1"):
        flaws.append(_PASSWORD_IN_CLEAR.filled(host=host))
    if sender == _NOBODY:
        flaws.append(_NO_SENDER)
    return flaws


_WRONG_TLS = Text(
    "KHOTAIL_EMAIL_TLS 是“{value}”，应为 starttls、tls 或 none；现按 starttls 处理。",
    "KHOTAIL_EMAIL_TLS is “{value}”: set it to starttls, tls or none. starttls is used until then.",
)
_WRONG_PORT = Text(
    "KHOTAIL_EMAIL_PORT 是“{value}”，应为 1 至 65535 的数字；现用默认端口。",
    "KHOTAIL_EMAIL_PORT is “{value}”: set it to a number from 1 to 65535. The usual port is used until then.",
)
_NO_HOST = Text(
    "设置了经 SMTP 发邮件，但没有服务器：请设置 KHOTAIL_EMAIL_HOST。",
    "E-mail is to be sent by SMTP but no server is named: set KHOTAIL_EMAIL_HOST.",
)
_HALF_AN_ACCOUNT = Text(
    "邮件账号不全：KHOTAIL_EMAIL_USER 与密码（KHOTAIL_EMAIL_PASSWORD 或 KHOTAIL_EMAIL_PASSWORD_FILE）须同时设置，或都不设。",
    "Half of the mail account is missing: set both KHOTAIL_EMAIL_USER and the password (KHOTAIL_EMAIL_PASSWORD or "
    "KHOTAIL_EMAIL_PASSWORD_FILE), or neither.",
)
_PASSWORD_IN_CLEAR = Text(
    "邮件密码将以明文发往 {host}：请把 KHOTAIL_EMAIL_TLS 设为 starttls 或 tls。",
    "The mail password would go to {host} in clear: set KHOTAIL_EMAIL_TLS to starttls or tls.",
)
_NO_SENDER = Text(
    "没有发件人地址，邮件服务器多会拒收：请设置 KHOTAIL_EMAIL_FROM。",
    "There is no sender's address, and most servers refuse such mail: set KHOTAIL_EMAIL_FROM.",
)
_NO_FILE = Text(
    "读不出邮件密码文件 {path}（{error}）：请检查路径，并让服务的用户可读。",
    "The file of the mail password, {path}, cannot be read ({error}): check the path, and let the service's user read it.",
)
_OPEN_FILE = Text(
    "邮件密码文件 {path} 所有人可读：请执行 chmod 0600 {path}。",
    "Anybody on this machine can read the mail password in {path}: run chmod 0600 {path}.",
)
