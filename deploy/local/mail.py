"""Run the mail sink as a part of the infrastructure."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.guarded import Launch
from deploy.local.home import PROJECT
from deploy.local.ports import listening


@dataclass(frozen=True)
class Mail:
    """The mail sink as a server to start; its mails outlive it in a folder."""

    folder: Path
    smtp_port: int
    http_port: int

    @property
    def smtp(self) -> str:
        """Where mails are handed in."""
        return f"127.0.0.1:{self.smtp_port}"

    @property
    def pages(self) -> str:
        """Where mails are read."""
        return f"http://127.0.0.1:{self.http_port}"

    def prepare(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def launches(self, log: Path) -> list[Launch]:
        """Say how the sink starts."""
        ports = ("--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port))
        argv = (sys.executable, "-m", "deploy.local.mailsink", "--folder", str(self.folder), *ports)
        env = {"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
        return [Launch("mail-1", argv, env, PROJECT, log / "mail-1.log")]

    async def answers(self, _number: int) -> bool:
        """Whether mails can be handed in and read."""
        return await listening(self.smtp_port) and await listening(self.http_port)
