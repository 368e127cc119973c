"""The two secrets of an installation: Django's, and the one that seals personal numbers."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from khotail.problems import Problem
from khotail.texts import Text


@dataclass(frozen=True)
class Keys:
    """secret  signs sessions and forms; data  32 bytes in Base64, seals ID, phone and bank numbers."""

    secret: str
    data: str


class NoKeys(Problem):
    """Production without secrets of its own."""

    sentence = Text(
        "没有设置 {name}，或它不对：请用 khotail new-keys 生成一组密钥，写进服务的环境变量（见 docs/deploy.md）；试用请设 KHOTAIL_DEMO=1。",
        "{name} is not set, or not right: make a set of keys with khotail new-keys and put them into the service's "
        "environment (see docs/deploy.md); to try Khotail out, set KHOTAIL_DEMO=1.",
    )
    exit_code = 2


def new_keys() -> Keys:
    return Keys(secrets.token_urlsafe(48), base64.b64encode(secrets.token_bytes(32)).decode())


def from_environment() -> Keys:
    """Raises NoKeys unless both are set and the data key has 32 bytes."""
    for name in ("KHOTAIL_SECRET_KEY", "KHOTAIL_DATA_KEY"):
        if not os.environ.get(name):
            raise NoKeys(name=name)
    data = os.environ["KHOTAIL_DATA_KEY"]
    try:
        long_enough = len(base64.b64decode(data, validate=True)) == 32
    except ValueError:
        long_enough = False
    if not long_enough:
        raise NoKeys(name="KHOTAIL_DATA_KEY")
    return Keys(os.environ["KHOTAIL_SECRET_KEY"], data)


def made_in(home: Path) -> Keys:
    """The demo's keys: made once, readable by their owner alone."""
    path = home / "keys.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        keys = new_keys()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"secret": keys.secret, "data": keys.data}, file)
    stored = json.loads(path.read_text())
    return Keys(stored["secret"], stored["data"])
