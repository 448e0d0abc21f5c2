"""Keep webhooks away from our own network: an organisation chooses the URL, so the URL may be an attack."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

NAT64 = IPv6Network("64:ff9b::/96")


class RefusedAddressError(Exception):
    """This URL is not one that we connect to: not https, with a user name, or not on the public internet."""


class NoSuchHostError(Exception):
    """The host of this URL has no address now."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A URL's host and the one address of it that was checked and is connected to."""

    url: SplitResult
    host: str
    port: int
    address: IPv4Address | IPv6Address

    @property
    def at_address(self) -> str:
        """The URL with the checked address in place of the host, so that no second lookup can answer otherwise."""
        name = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return self.url._replace(netloc=f"{name}:{self.port}", fragment="").geturl()


async def check(url: str, *, allow_loopback: bool) -> Checked:
    """Look a URL's host up and return the address to connect to.

    Raises:
        RefusedAddressError: the URL, or any address of its host, is one that we refuse.
        NoSuchHostError: the host was not found.
    """
    parts, host, port = _read(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NoSuchHostError(f"{type(error).__name__} for the host") from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        loopback_here = allow_loopback and _meant(address).is_loopback
        if not loopback_here and (parts.scheme != "https" or not _public(address)):
            raise RefusedAddressError("the URL leads to an address that we do not connect to")
    return Checked(parts, host, port, addresses[0])


def _read(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise RefusedAddressError("the URL cannot be read") from None
    if parts.scheme not in ("https", "http") or not host or parts.username is not None:
        raise RefusedAddressError("the URL is not a plain https address")
    return parts, host, port or (443 if parts.scheme == "https" else 80)


def _public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is on the public internet, whichever IPv6 wrapping it comes in."""
    meant = _meant(address)
    return meant.is_global and not meant.is_multicast and not meant.is_reserved


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
