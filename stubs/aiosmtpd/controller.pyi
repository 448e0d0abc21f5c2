# ruff: noqa: N803 -- the names are the library's
import asyncio
import ssl
from typing import Any

from aiosmtpd.smtp import SMTP

class Controller:
    hostname: str
    port: int
    server: asyncio.Server | None
    # Further keywords are those of SMTP.
    def __init__(
        self,
        handler: object,
        hostname: str | None = ...,
        port: int = ...,
        loop: asyncio.AbstractEventLoop | None = ...,
        *,
        ready_timeout: float = ...,
        ssl_context: ssl.SSLContext | None = ...,
        server_hostname: str | None = ...,
        **SMTP_parameters: Any,
    ) -> None: ...
    def factory(self) -> SMTP: ...
    def start(self) -> None: ...
    def stop(self, no_assert: bool = ...) -> None: ...

class UnthreadedController:
    hostname: str
    port: int
    server: asyncio.Server | None
    def __init__(
        self,
        handler: object,
        hostname: str | None = ...,
        port: int = ...,
        loop: asyncio.AbstractEventLoop | None = ...,
        *,
        ssl_context: ssl.SSLContext | None = ...,
        server_hostname: str | None = ...,
        **SMTP_parameters: Any,
    ) -> None: ...
    def factory(self) -> SMTP: ...
    def begin(self) -> None: ...
    async def finalize(self) -> None: ...
    def end(self) -> None: ...
