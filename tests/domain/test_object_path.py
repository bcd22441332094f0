"""Paths of objects: three ways to write one, and nothing that only looks like it."""

import pytest

from penstock.domain.object_path import ObjectPath, object_path_of

HOST = "obs.here.example"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("obs://Logs/a.jar", ObjectPath("Logs", "a.jar")),
        ("s3://logs/a/b c.jar", ObjectPath("logs", "a/b c.jar")),
        ("s3a://logs/测试.jar", ObjectPath("logs", "测试.jar")),
        ("obs://logs/100%.jar", ObjectPath("logs", "100%.jar")),
        (f"https://Logs.{HOST}/a%20b/%E6%B5%8B.jar", ObjectPath("Logs", "a b/测.jar")),
        ("https://logs.OBS.HERE.example/a.jar", ObjectPath("logs", "a.jar")),
    ],
)
def test_a_path_is_read(text, path):
    assert object_path_of(text, HOST) == path


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.jar", "myGroup/a.jar", "obs://", "obs://logs", "obs://logs/", "obs:///a.jar", "obs://-/a.jar"),
        *("obs://logs/../other/a.jar", "obs://logs//a", "obs://logs/a\n.jar", "OBS://logs/a.jar", "file:///etc/passwd"),
        *("http://logs.obs.here.example/a.jar", "https://logs.elsewhere.example/a.jar", f"https://{HOST}/logs/a.jar"),
        *(
            f"https://logs.{HOST}.evil.example/a.jar",
            f"https://user@logs.{HOST}/a.jar",
            f"https://logs.{HOST}:444/a.jar",
        ),
        *(f"https://logs.{HOST}/a.jar?versionId=1", f"https://logs.{HOST}/a.jar#x", f"https://logs.{HOST}/%2e%2e/a"),
        *(f"https://logs.{HOST}/%ff", f"https://logs.{HOST}/a%2f%2fb", f"https://.{HOST}/a"),
    ],
)
def test_what_is_no_path_is_none(text):
    assert object_path_of(text, HOST) is None


def test_no_address_counts_while_no_host_is_ours():
    assert object_path_of("https://logs./a.jar") is None
    assert object_path_of("https://logs/a.jar") is None
