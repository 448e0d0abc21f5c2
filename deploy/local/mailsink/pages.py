"""Show the caught mails: pages that are read without scripts, and JSON for programs."""

from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.local.mailsink.mailbox import LINK, Mail, Mailbox

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def application(mailbox: Mailbox) -> Starlette:
    """Serve one mailbox: `/` and `/mails/N` to people, `/messages?after=N` to programs."""

    async def index(_request: Request) -> Response:
        rows = "".join(map(row, reversed(mailbox.mails))) or '<tr><td colspan="4">No mail yet.</td></tr>'
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("Received", "From", "To", "Subject"))
        return page("Mails", f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")

    async def mail(request: Request) -> Response:
        number = request.path_params["number"]
        if not 1 <= number <= len(mailbox.mails):
            raise HTTPException(404, "no such mail")
        return page(*article(mailbox.mails[number - 1]))

    async def messages(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise HTTPException(400, "after must be the id of a mail")
        return JSONResponse([as_json(mail) for mail in mailbox.mails[int(after) :]], headers=HEADERS)

    async def style(_request: Request) -> Response:
        return FileResponse(Path(__file__).with_name("style.css"), headers=HEADERS)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/mails/{number:int}", mail),
            Route("/messages", messages),
            Route("/style.css", style),
        ]
    )


def page(title: str, body: str) -> HTMLResponse:
    """Lay out one page."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><link rel="stylesheet" href="/style.css">'
    top = f'<p><a href="/">All mails</a></p><h1>{escape(title)}</h1>'
    return HTMLResponse(
        f'<!doctype html><html lang="en-GB"><head>{head}</head><body>{top}<main>{body}</main></body></html>',
        headers=HEADERS,
    )


def row(mail: Mail) -> str:
    """Write one line of the list."""
    subject = f'<a href="/mails/{mail.id}">{escape(mail.subject) or "(no subject)"}</a>'
    cells = (f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC", escape(mail.sender), escape(", ".join(mail.recipients)))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in (*cells, subject))}</tr>"


def article(mail: Mail) -> tuple[str, str]:
    """Write one mail: a title and a body; everything that a sender wrote is escaped."""
    headers = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in mail.headers)
    return mail.subject or "(no subject)", f"<dl>{headers}</dl><pre>{linked(mail.text)}</pre>"


def linked(text: str) -> str:
    """Escape a text, and make its web addresses links."""
    pieces, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        pieces += [escape(text[end : found.start()]), f'<a href="{address}" rel="noreferrer">{address}</a>']
        end = found.end()
    return "".join([*pieces, escape(text[end:])])


def as_json(mail: Mail) -> dict[str, object]:
    """Give what a program may ask of a mail."""
    return {
        "id": mail.id,
        "received_at": mail.received_at.isoformat(),
        "from": mail.sender,
        "to": list(mail.recipients),
        "subject": mail.subject,
        "message_id": mail.message_id,
        "headers": [list(header) for header in mail.headers],
        "text": mail.text,
        "links": mail.links,
    }
