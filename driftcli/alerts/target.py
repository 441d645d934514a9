"""The address of a webhook: checked before anything is sent, and told to nobody."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 addresses that lead to the IPv4 address in their last 32 bits (RFC 6052)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class TransportError(Exception):
    """Why a try failed, in words; ``transient`` where another try may succeed."""

    def __init__(self, reason: str, *, transient: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient


@dataclass(frozen=True, slots=True)
class Target:
    """A checked URL, which shows none of itself."""

    host: str = field(repr=False)
    port: int = field(repr=False)
    path: str = field(repr=False)
    secure: bool
    authorization: str | None = field(repr=False, default=None)


def parse(url: str, *, allow_http: bool) -> Target:
    """Return the parts of a URL.

    Parameters
    ----------
    url : str
        ``https://host[:port]/path?query``, user and password allowed.
    allow_http : bool
        Take ``http`` as well.

    Raises
    ------
    TransportError
        It is no such URL; the reason holds no part of it.
    """
    malformed = TransportError("the address is not a URL of the form https://host/path")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise malformed
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname:
        raise malformed
    if parts.scheme not in ("http", "https"):
        raise TransportError("only https addresses are served")
    secure = parts.scheme == "https"
    if not secure and not allow_http:
        raise TransportError("the address is not https. set allow_http to send unencrypted")
    path = (parts.path or "/") + (parts.query and f"?{parts.query}")
    default = 443 if secure else 80
    return Target(parts.hostname, port or default, path, secure, _basic(parts.netloc))


def _basic(netloc: str) -> str | None:
    credentials, at, _ = netloc.rpartition("@")
    return f"Basic {base64.b64encode(unquote(credentials).encode()).decode()}" if at else None


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet.

    Parameters
    ----------
    address : str
        IPv4 or IPv6; an IPv6 address that leads to an IPv4 address (mapped, 6to4, NAT64) is
        judged as that one.
    """
    ip = _unwrapped(ipaddress.ip_address(address))
    # the old site-local range counts as global in the registry, and as reserved nowhere
    local = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or local)


def _unwrapped(ip: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
