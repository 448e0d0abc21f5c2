"""Ask a service on this machine whether it is ready; small, because it is asked often."""  # noqa: INP001 - a script

import socket
import sys


def main() -> int:
    """Exit with 0 if `GET PATH` on `PORT` is answered with 200."""
    port, path = int(sys.argv[1]), sys.argv[2]
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return 0 if connection.recv(64).split(b" ")[1:2] == [b"200"] else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
