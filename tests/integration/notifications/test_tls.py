"""Nothing leaves over a connection whose other end has not shown who it is."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from notifications.domain import Outcome, Result
from notifications.gateway import Endpoints, Hook, MailServer, Post, Tls
from tests.integration.notifications.office import Endpoint, PostOffice

POST = Post("linkway@example.org", "ash@example.org", b"Subject: hello\r\n\r\nhello\r\n")


@dataclass(frozen=True)
class Certificate:
    """A certificate that says *localhost* and is signed by nobody else."""

    file: Path

    @property
    def server(self) -> ssl.SSLContext:
        """What a server shows."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file)
        return context

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client believes that was told of it."""
        return ssl.create_default_context(cafile=str(self.file))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return Certificate(file)


async def mail(office: PostOffice, tls: Tls, context: ssl.SSLContext | None) -> Outcome:
    """Hand a mail to a server that can speak TLS (or not), and say what became of it."""
    loop = asyncio.get_running_loop()
    wrapped = context if tls == "tls" else None
    offered = context if tls == "starttls" else None
    made = await loop.create_server(
        lambda: SMTP(office, hostname="mail.example", tls_context=offered), "127.0.0.1", 0, ssl=wrapped
    )
    port = made.sockets[0].getsockname()[1]
    server = MailServer(f"localhost:{port}", tls=tls, user="", password="", hello="linkway.example.org", seconds=30)
    async with made:
        outcome = await server.send(POST)
        server.close()
        return outcome


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_mail_server_with_an_unknown_certificate_gets_no_mail(certificate: Certificate, tls: Tls) -> None:
    office = PostOffice()
    assert await mail(office, tls, certificate.server) == Outcome(Result.BROKEN, "mail-server-unreachable")
    assert office.mails == []


async def test_a_mail_server_that_offers_no_starttls_gets_no_mail_in_the_clear() -> None:
    office = PostOffice()
    assert (await mail(office, "starttls", None)).result is Result.BROKEN
    assert office.mails == []


async def post(certificate: Certificate, host: str, trust: ssl.SSLContext | None) -> tuple[Outcome, Endpoint]:
    """Post a webhook to an https endpoint whose certificate says *localhost*."""
    made = Endpoint()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=certificate.server)
    made.port = server.sockets[0].getsockname()[1]
    endpoints = Endpoints(allow_loopback=True, seconds=30, trust=trust)
    async with server:
        hook = Hook("id", f"https://{host}:{made.port}/hook", (bytes(32),), datetime.now(UTC), b"{}")
        outcome = await endpoints.send(hook)
        await endpoints.aclose()
    return outcome, made


async def test_the_certificate_is_checked_against_the_name_though_the_address_is_connected_to(
    certificate: Certificate,
) -> None:
    outcome, made = await post(certificate, "localhost", certificate.trust)
    assert outcome.result is Result.DELIVERED
    assert made.posts[0].headers["host"] == f"localhost:{made.port}"


async def test_an_endpoint_whose_certificate_says_another_name_gets_nothing(certificate: Certificate) -> None:
    outcome, made = await post(certificate, "127.0.0.1", certificate.trust)
    assert outcome == Outcome(Result.BROKEN, "endpoint-unreachable")
    assert made.posts == []


async def test_an_endpoint_with_an_unknown_certificate_gets_nothing(certificate: Certificate) -> None:
    outcome, made = await post(certificate, "localhost", None)
    assert outcome == Outcome(Result.BROKEN, "endpoint-unreachable")
    assert made.posts == []
