"""Choose ports that stay free until the program they are for has taken them."""

import asyncio
import random
import socket

# Below the range from which Linux takes ports for outgoing connections, which would take a dead server's before its
# restart.
FREE = range(20000, 30000)


class Ports:
    """The ports that one plan hands out, none of them twice, although their programs take them only later."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def take(self, preferred: int | None = None) -> int:
        """Give the preferred port if nothing has it, else one by chance; two programs asking at once rarely meet.

        Raises:
            RuntimeError: a hundred ports were tried, and something has each.
        """
        first = [] if preferred is None else [preferred]
        for port in first + random.sample(FREE, 100):
            if port not in self._given and available(port):
                self._given.add(port)
                return port
        raise RuntimeError("no free port between 20000 and 30000")


def free_port(preferred: int | None = None) -> int:
    """Give one port, where no other is asked for."""
    return Ports().take(preferred)


def available(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def listening(port: int) -> bool:
    """Whether something accepts connections on this port of the loopback address."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
