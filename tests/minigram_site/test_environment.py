"""The configuration: strict, and clear about which variable is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from minigram_site.environment import SAMPLE_SECRET, read_environment
from minigram_site.rate_limits import FACTORS, RATES

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from nothing but a good secret."""
    for name in (
        "DATABASE_URL",
        "DEBUG",
        "SITE_URL",
        "RATE_LIMITS",
        "MEDIA_ROOT",
        "MEDIA_ACCEL_PREFIX",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", "s" * 50)


def test_nothing_but_a_secret_is_needed() -> None:
    values = read_environment()
    assert values.database["ENGINE"] == "django.db.backends.sqlite3"
    assert not values.debug
    assert not values.https


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("RATE_LIMITS", "2"),
        ("RATE_LIMITS", "register"),
        ("RATE_LIMITS", "register=0"),
        ("RATE_LIMITS", "true,register=5"),
        ("RATE_LIMITS", "login=100"),
        ("RATE_LIMITS", "write=5/week"),
        ("RATE_LIMITS", "trusted=5/day"),
        ("MAX_UPLOAD_MB", "big"),
        ("MAX_UPLOAD_MB", "0"),
        ("MAX_IMAGE_MEGAPIXELS", "100000"),
        ("INSTANCE_ID", "32"),
        ("TRUSTED_PROXIES", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("CACHE_URL", "carrier-pigeon://"),
        ("DATABASE_URL", "mysql://root@localhost/minigram"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite:///data/db.sqlite3?pool=8"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?pool=0"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?pool=100"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?pool"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?pool=4&pool=5"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?statement_timeout=90"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?sslmode=maybe"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?max_size=4"),
        ("DATABASE_URL", "postgres://m:s@localhost/m?options=-c%20jit%3Doff"),
        ("DATABASE_URL", "postgres://m:s@localhost:port/m"),
        ("DATABASE_REPLICA_URLS", "postgres://minigram@localhost/minigram"),  # of SQLite
        ("DATABASE_REPLICA_URLS", "mysql://root@localhost/minigram"),
        ("DATABASE_REPLICA_URLS", "nonsense"),
        ("CACHE_URL", "redis://h:xx/0"),
        ("CACHE_URL", "redis://"),
        ("CACHE_URL", "redis://h/x"),
        ("CACHE_URL", "redis+sentinel://h:26379"),
        ("CACHE_URL", "redis+sentinel:///minigram"),
        ("CACHE_URL", "redis+sentinel://h:0/minigram"),
        ("CACHE_URL", "redis+sentinel://h:x/minigram"),
        ("CACHE_URL", "redis+sentinel://h,/minigram"),
        ("CACHE_URL", "redis+sentinel://[::1/minigram"),
        ("CACHE_URL", "redis+sentinel://h/Minigram"),
        ("CACHE_URL", "redis+sentinel://h/minigram/x"),
        ("CACHE_URL", "redis+sentinel://h/minigram?quorum=2"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///no/such/folder/x.sqlite3"),
        ("DATA_DIR", "/etc/passwd"),
        ("MEDIA_ROOT", "/etc/passwd"),
        ("ALLOWED_HOSTS", "a b"),
        ("ALLOWED_HOSTS", "https://photos.example.org"),
        ("ALLOWED_HOSTS", "photos.example.org:8000"),
        ("ALLOWED_HOSTS", "fotos-münchen.de"),
        ("SITE_NAME", "Mini\nGram"),
        ("EMAIL_URL", ""),
        ("EMAIL_URL", "fax://12345"),
        ("EMAIL_URL", "smtps://a:b@host"),
        ("EMAIL_URL", "submission://"),
        ("EMAIL_URL", "submission://a:b@host?tsl=true"),
        ("EMAIL_URL", "submission://a:b@host?timeout=soon"),
        ("EMAIL_URL", "submission://a:b@host?_default_from_email=%0Ame@example.org"),
        ("SITE_URL", "https://[::1"),
        ("SITE_URL", "https://a:99999"),
        ("SITE_URL", "https://a b"),
        ("SITE_URL", "https://photos.example.org?a"),
        ("SITE_URL", "https://me@photos.example.org"),
        ("SITE_URL", "photos.example.org"),
        ("SITE_URL", "https://photos.example.org/sub"),
        ("SITE_URL", "http://photos.example.org"),
        ("MEDIA_ACCEL_PREFIX", "protected"),
        ("MEDIA_ACCEL_PREFIX", "/protected"),
        ("MEDIA_ACCEL_PREFIX", "/"),
        ("MEDIA_ACCEL_PREFIX", "/../"),
        ("MEDIA_ROOT", "https://k:s@s3.example.org/bucket"),
        ("MEDIA_ROOT", "s3:///bucket"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/Bucket"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket/folder"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org:port/bucket"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org:70000/bucket"),
        ("MEDIA_ROOT", "s3://k:s@[::1/bucket"),
        ("MEDIA_ROOT", "s3://k@s3.example.org/bucket"),
        ("MEDIA_ROOT", "s3://:s@s3.example.org/bucket"),
        ("MEDIA_ROOT", "s3://@s3.example.org/bucket"),
        ("MEDIA_ROOT", "s3://k:s/s@s3.example.org/bucket"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket#part"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket?secure=maybe"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket?secure"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket?region="),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket?region=a&region=b"),
        ("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket?acl=public-read"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", SAMPLE_SECRET),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_environment()


def test_without_a_bucket_pictures_are_local_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_ROOT", "")
    values = read_environment()
    assert values.media_storage == {"BACKEND": "minigram_site.storage.local.LocalStorage"}
    assert values.media_origin == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "s3://AK:s%2Fe%2Bc@s3.example.org/pictures?region=eu-central-1",
            {
                "endpoint_url": "https://s3.example.org",
                "bucket_name": "pictures",
                "region_name": "eu-central-1",
                "access_key": "AK",
                "secret_key": "s/e+c",
                "security_token": None,
            },
        ),
        (
            "s3://[::1]:9000/my.pictures/?secure=false",
            {
                "endpoint_url": "http://[::1]:9000",
                "bucket_name": "my.pictures",
                "region_name": "us-east-1",
            },
        ),
    ],
)
def test_a_bucket_is_named_by_one_address(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: dict[str, object]
) -> None:
    monkeypatch.setenv("MEDIA_ROOT", value)
    values = read_environment()
    assert values.bucket == expected
    assert values.media_storage["BACKEND"] == "minigram_site.storage.s3.BucketStorage"
    assert values.media_origin == expected["endpoint_url"]


def test_the_message_about_a_bucket_keeps_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_ROOT", "s3://key:topsecret@s3.example.org/Bucket")
    with pytest.raises(ImproperlyConfigured) as caught:
        read_environment()
    assert "topsecret" not in str(caught.value)


def test_nginx_cannot_send_what_is_in_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_ROOT", "s3://k:s@s3.example.org/bucket")
    monkeypatch.setenv("MEDIA_ACCEL_PREFIX", "/protected/")
    with pytest.raises(ImproperlyConfigured, match=r"MEDIA_ACCEL_PREFIX.*MEDIA_ROOT"):
        read_environment()


@pytest.mark.slow
def test_a_site_with_a_bucket_starts_and_lets_pages_show_its_pictures() -> None:
    code = (
        "import django; django.setup(); from django.conf import settings;"
        "from django.core.files.storage import default_storage as s;"
        "print(s.bucket_name, settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'][-1])"
    )
    value = "s3://k:s@127.0.0.1:9000/pictures?secure=false"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "minigram_site.settings",
            "MEDIA_ROOT": value,
        },
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "pictures http://127.0.0.1:9000\n"


@pytest.mark.slow
def test_a_site_with_local_files_does_not_load_the_client_of_buckets() -> None:
    code = (
        "import sys, django; django.setup(); import minigram_site.urls;"
        "from django.core.files.storage import default_storage as s; s.exists('x');"
        "print('boto3' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "minigram_site.settings"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "False\n"


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ImproperlyConfigured, match=r"(?s)DEBUG.*LOG_LEVEL"):
        read_environment()


def test_a_development_server_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("SECRET_KEY", "")
    assert read_environment().debug


def test_the_message_about_a_database_names_the_option_and_keeps_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://m:topsecret@one/m?max_size=4")
    with pytest.raises(ImproperlyConfigured, match="max_size") as caught:
        read_environment()
    assert "topsecret" not in str(caught.value)


def test_the_address_of_a_database_says_how_to_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres:///m?host=/run/postgresql&pool=4")
    database = read_environment().database
    assert database["ENGINE"] == "minigram_site.db.postgresql"
    assert database["OPTIONS"] == {"host": "/run/postgresql", "pool": 4}


def test_replicas_are_named_by_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://minigram@one/minigram")
    monkeypatch.setenv("DATABASE_REPLICA_URLS", "postgres://m@two:5433/m, postgres://m@three/m")
    replicas = read_environment().replicas
    assert [replica["HOST"] for replica in replicas] == ["two", "three"]


def test_whom_mails_come_from_is_part_of_the_mail_address(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = "MiniGram%20%3Cminigram@photos.example.org%3E"
    monkeypatch.setenv("EMAIL_URL", f"submission://a:b@host?_default_from_email={sender}")
    assert read_environment().default_from_email == "MiniGram <minigram@photos.example.org>"


def test_https_follows_from_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://photos.example.org")
    assert read_environment().https


@pytest.mark.slow
def test_the_data_folder_and_the_database_are_open_to_their_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    env = {"SECRET_KEY": "x" * 64, "DATA_DIR": str(data)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=env, cwd=PROJECT, check=True)
    assert [path.stat().st_mode & 0o777 for path in (data, data / "db.sqlite3")] == [0o700, 0o600]


def test_a_command_that_cannot_start_says_why_in_one_line() -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        env={**os.environ, "LOG_LEVEL": "LOUD"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "LOG_LEVEL" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        ("true", {}),
        ("register=300", {"register": (300, 3600), "register-day": (600, 86400)}),
        ("upload=9/minute, upload-day=80", {"upload": (9, 60), "upload-day": (80, 86400)}),
        ("Write=240,search=10/second", {"write": (240, 60), "search": (10, 1)}),
    ],
)
def test_each_limit_can_be_set(
    monkeypatch: pytest.MonkeyPatch, value: str, limits: dict[str, tuple[int, int]]
) -> None:
    monkeypatch.setenv("RATE_LIMITS", value)
    assert read_environment().rate_limits == ({**RATES, **limits}, FACTORS)


def test_limits_can_be_off_and_trust_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "FALSE")
    assert read_environment().rate_limits is None
    monkeypatch.setenv("RATE_LIMITS", "trusted=9")
    assert read_environment().rate_limits == (RATES, {**FACTORS, "trusted": 9})


def test_a_limit_that_there_is_not_is_answered_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RATE_LIMITS", "uploads=5")
    with pytest.raises(ImproperlyConfigured, match=r"“uploads” to set\. .*comment, .*upload"):
        read_environment()
