"""The bench's mail server notes whose link worker was told, however the mail arrives in pieces."""

from uuid import uuid4

import aiosmtplib
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mailbox import Mailbox


async def test_a_mail_to_a_link_worker_is_noted_with_its_referral_and_another_is_only_counted() -> None:
    referral = str(uuid4())
    async with Mailbox.listening() as mailbox:
        host, _, port = mailbox.address.partition(":")
        async with aiosmtplib.SMTP(hostname=host, port=int(port)) as client:
            for to in ("ash@workers.example.org", "desk@practices.example.org"):
                link = f"Subject: new\r\n\r\nhttp://casework.example.org/referrals/{referral}\r\n"
                await client.sendmail("linkway@example.org", [to], link.encode())
    assert (list(mailbox.told_at), mailbox.mails) == ([referral], 2)


@given(st.integers(1, 40))
def test_a_link_that_quoted_printable_broke_is_read(at: int) -> None:
    link = b"/referrals/0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d01"
    mailbox = Mailbox()
    mailbox.take(b"RCPT TO:<ash@workers.example.org>", link[:at] + b"=\r\n" + link[at:])
    assert list(mailbox.told_at) == ["0b6d3a0e-51f5-4a51-9a3e-6f0f2c1a7d01"]
