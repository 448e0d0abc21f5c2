"""A webhook never reaches our own network, however its address is written."""

import pytest

from notifications.gateway.addresses import RefusedAddressError, check

PRIVATE = (
    "10.0.0.5",
    "172.16.3.4",
    "192.168.1.1",
    "127.0.0.1",
    "0.0.0.0",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2002:a00:1::]",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "localhost",
)


@pytest.mark.parametrize("host", PRIVATE)
async def test_addresses_that_are_not_public_are_refused(host: str) -> None:
    with pytest.raises(RefusedAddressError):
        await check(f"https://{host}/hook", allow_loopback=False)


@pytest.mark.parametrize("host", [host for host in PRIVATE if host not in ("localhost", "127.1")])
async def test_allowing_this_machine_allows_nothing_else(host: str) -> None:
    loopback = host in {
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
    }
    try:
        await check(f"https://{host}/hook", allow_loopback=True)
    except RefusedAddressError:
        assert not loopback
    else:
        assert loopback


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/hook",
        "ftp://93.184.216.34/hook",
        "file:///etc/passwd",
        "https://user:secret@93.184.216.34/",
        "https://93.184.216.34:99999/",
        "https:///hook",
        "https://[::1/",
        "hook",
    ],
)
async def test_only_plain_https_addresses_are_posted_to(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        await check(url, allow_loopback=False)


async def test_the_connection_is_made_to_the_address_that_was_checked() -> None:
    checked = await check("https://93.184.216.34:8443/hook?from=linkway#part", allow_loopback=False)
    assert checked.at_address == "https://93.184.216.34:8443/hook?from=linkway"
    assert checked.host == "93.184.216.34"


async def test_an_ipv6_address_is_written_in_brackets() -> None:
    checked = await check("https://[2606:2800:220:1:248:1893:25c8:1946]/hook", allow_loopback=False)
    assert checked.at_address == "https://[2606:2800:220:1:248:1893:25c8:1946]:443/hook"


async def test_plain_http_is_allowed_to_this_machine_only() -> None:
    checked = await check("http://127.0.0.1:8080/hook", allow_loopback=True)
    assert checked.at_address == "http://127.0.0.1:8080/hook"
    with pytest.raises(RefusedAddressError):
        await check("http://93.184.216.34/hook", allow_loopback=True)
