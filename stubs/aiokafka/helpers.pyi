from os import PathLike
from ssl import SSLContext

def create_ssl_context(
    *,
    cafile: str | PathLike[str] | None = ...,
    capath: str | PathLike[str] | None = ...,
    cadata: str | bytes | None = ...,
    certfile: str | PathLike[str] | None = ...,
    keyfile: str | PathLike[str] | None = ...,
    password: str | None = ...,
) -> SSLContext: ...
