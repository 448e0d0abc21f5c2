# ruff: noqa: N803 -- the names are the library's
import asyncio
import ssl
from typing import Any, NamedTuple

class LoginPassword(NamedTuple):
    login: bytes
    password: bytes

class AuthResult:
    success: bool
    handled: bool
    message: str | None
    auth_data: Any
    def __init__(
        self, *, success: bool, handled: bool = ..., message: str | None = ..., auth_data: Any = ...
    ) -> None: ...

class Session:
    # A pair of address and port on TCP, a path on a Unix socket.
    peer: Any
    ssl: dict[str, Any] | None
    host_name: str | None
    extended_smtp: bool
    authenticated: bool | None
    auth_data: Any

class Envelope:
    mail_from: str | None
    mail_options: list[str]
    smtp_utf8: bool
    content: bytes | str | None
    original_content: bytes | None
    rcpt_tos: list[str]
    rcpt_options: list[str]

class SMTP(asyncio.StreamReaderProtocol):
    session: Session | None
    envelope: Envelope | None
    hostname: str
    def __init__(
        self,
        handler: object,
        *,
        data_size_limit: int | None = ...,
        enable_SMTPUTF8: bool = ...,
        decode_data: bool = ...,
        hostname: str | None = ...,
        ident: str | None = ...,
        tls_context: ssl.SSLContext | None = ...,
        require_starttls: bool = ...,
        timeout: float = ...,
        command_call_limit: int | dict[str, int] | None = ...,
        loop: asyncio.AbstractEventLoop | None = ...,
    ) -> None: ...
