# The part of aiosmtpd 1.4 that Linkway uses; the package is marked as typed, but most of its functions are not.
__version__: str
