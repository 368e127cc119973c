"""Settings of the tests: a home folder of their own, fixed keys, English sentences; PostgreSQL by KHOTAIL_TEST_DATABASE."""

import base64
import os
import tempfile
from pathlib import Path

os.environ["KHOTAIL_DEMO"] = "0"
os.environ["KHOTAIL_HOME"] = tempfile.mkdtemp(prefix="khotail-test-")
os.environ["KHOTAIL_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["KHOTAIL_DATA_KEY"] = base64.b64encode(bytes(range(32))).decode()
os.environ["KHOTAIL_PLAIN_HTTP"] = "1"
os.environ["KHOTAIL_REQUIRE_TOTP"] = "0"
if address := os.environ.get("KHOTAIL_TEST_DATABASE"):
    os.environ["KHOTAIL_DATABASE"] = address
else:
    os.environ.pop("KHOTAIL_DATABASE", None)

from khotail.site.settings import *  # noqa: F403

LANGUAGE_CODE = "en"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
KHOTAIL_REMEMBER_SECONDS = 0
KHOTAIL_PROTECT_TRAIL = False  # tests that commit empty the tables after themselves
KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
Path(os.environ["KHOTAIL_HOME"]).mkdir(exist_ok=True)
