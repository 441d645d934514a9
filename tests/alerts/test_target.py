"""Which addresses are served, and which hosts are out of bounds (bad-inputs 112)."""

from __future__ import annotations

import base64

import pytest

from driftcli.alerts.target import Target, TransportError, is_public, parse

MALFORMED = "the address is not a URL of the form https://host/path"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example", Target("hooks.example", 443, "/", True)),
        ("https://Hooks.example:8443/a/b?c=d#e", Target("hooks.example", 8443, "/a/b?c=d", True)),
        ("https://[2001:4860::1]/x", Target("2001:4860::1", 443, "/x", True)),
        ("http://hooks.example/%20", Target("hooks.example", 80, "/%20", False)),
    ],
)
def test_parts(url: str, target: Target) -> None:
    assert parse(url, allow_http=True) == target


def test_user_and_password_become_a_header() -> None:
    target = parse("https://me%40x:s%3acr%0d%0aet@hooks.example/x", allow_http=False)
    basic = base64.b64encode(b"me@x:s:cr\r\net").decode()
    assert target == Target("hooks.example", 443, "/x", True, f"Basic {basic}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3cr3t", MALFORMED),
        ("https://", MALFORMED),
        ("https:///s3cr3t", MALFORMED),
        ("https://[::1/s3cr3t", MALFORMED),
        ("https://hooks.example:s3cr3t/", MALFORMED),
        ("https://hooks.example:99999/s3cr3t", MALFORMED),
        ("https://hooks.example/s3cr3t\r\nX-Forged: 1", MALFORMED),
        ("https://hooks.example/s3cr3t x", MALFORMED),
        ("https://hooks.example/s3cr3té", MALFORMED),
        ("file://localhost/s3cr3t", "only https addresses are served"),
        ("ftp://hooks.example/s3cr3t", "only https addresses are served"),
        (
            "http://hooks.example/s3cr3t",
            "the address is not https. set allow_http to send unencrypted",
        ),
    ],
)
def test_refused(url: str, reason: str) -> None:
    with pytest.raises(TransportError) as caught:
        parse(url, allow_http=False)
    assert str(caught.value) == reason
    assert not caught.value.transient
    assert caught.value.__context__ is None


def test_a_target_shows_nothing_of_itself() -> None:
    target = parse("https://u:s3cr3t@s3cr3t.example:4444/s3cr3t?s3cr3t", allow_http=False)
    assert repr(target) == "Target(secure=True)"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1",
        "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::1", "2001:0:7f00:1::",
        "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "fec0::1", "64:ff9b::10.0.0.1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_public(address: str) -> None:
    assert is_public(address)
