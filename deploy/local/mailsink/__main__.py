"""Run the mail sink as a process of its own: SMTP on one port of the loopback address, pages on another."""

import argparse
import asyncio
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mailsink.mailbox import Mailbox
from deploy.local.mailsink.pages import application


class Catch:
    """Take whatever is handed in, for whomever it is."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Answer after the mail is on disk."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self._mailbox.add(envelope.mail_from or "", envelope.rcpt_tos, content)
        return "250 kept"


async def serve(folder: Path, smtp_port: int, http_port: int) -> None:
    """Serve until the signal to end."""
    mailbox = Mailbox(folder)
    catch = Catch(mailbox)
    smtp = await asyncio.get_running_loop().create_server(
        lambda: SMTP(catch, enable_SMTPUTF8=True, hostname="mail.example"), "127.0.0.1", smtp_port
    )
    config = uvicorn.Config(application(mailbox), host="127.0.0.1", port=http_port, log_level="warning")
    async with smtp:
        await uvicorn.Server(config).serve()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.mailsink", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the mails are kept")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.smtp_port, options.http_port))


if __name__ == "__main__":
    main()
