"""Keep caught mails as files, so that a restart of the sink loses none."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Self

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


@dataclass(frozen=True)
class Mail:
    """One mail as it was handed in, once for each time that it was."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    headers: tuple[tuple[str, str], ...]
    text: str

    @property
    def links(self) -> list[str]:
        """The web addresses in the text, in order."""
        return LINK.findall(self.text)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that `Mailbox.add` wrote."""
        message = message_from_bytes(path.read_bytes())
        headers = [(name, decoded(value)) for name, value in message.items()]
        (_, received_at), (_, sender), (_, recipients), *own = headers
        named = {name.lower(): value for name, value in reversed(own)}
        return cls(
            int(path.stem),
            datetime.fromisoformat(received_at),
            sender,
            tuple(recipients.split()),
            named.get("subject", ""),
            named.get("message-id", ""),
            tuple(own),
            text_of(message),
        )


def decoded(value: object) -> str:
    """Decode a header; one that nobody could decode stays as it came.

    With its newer policy Python's parser raises IndexError on some malformed headers, so this is the older.
    """
    unfolded = re.sub(r"\r?\n\s*", " ", str(value))
    try:
        return str(make_header(decode_header(unfolded)))
    except (LookupError, ValueError):
        return unfolded


def text_of(message: Message) -> str:
    """Give the plain text, or the markup as it stands where there is no plain text."""
    for wanted in ("text/plain", "text/html"):
        for part in message.walk():
            content = part.get_payload(decode=True)
            if part.get_content_type() == wanted and isinstance(content, bytes):
                return readable(content, part.get_content_charset("utf-8"))
    return ""


def readable(content: bytes, charset: str) -> str:
    """Decode a text, whatever its sender says it is."""
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


class Mailbox:
    """All mails of one folder, in the order in which they came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.mails = [Mail.read(path) for path in sorted(folder.glob("*.eml"))]

    def add(self, sender: str, recipients: Sequence[str], content: bytes) -> Mail:
        """Keep one mail on disk, its envelope above its own headers, before the sender is told that it is taken."""
        path = self.folder / f"{len(self.mails) + 1:06}.eml"
        envelope = {
            "X-Received-At": datetime.now(UTC).isoformat(),
            "X-Envelope-From": sender,
            "X-Envelope-To": " ".join(recipients),
        }
        above = "".join(f"{name}: {value}\r\n" for name, value in envelope.items())
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(above.encode() + content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        self.mails.append(Mail.read(path))
        return self.mails[-1]
