"""Signs people in by a link mailed to the address that we hold for them: no password, no account to make."""

from shared.web.sign_in.mail import MAIL_WORKER, Mailer, Tls, send_next_mail
from shared.web.sign_in.pages import Session, SignIn
from shared.web.sign_in.rows import Identity, request_sign_in

__all__ = ["MAIL_WORKER", "Identity", "Mailer", "Session", "SignIn", "Tls", "request_sign_in", "send_next_mail"]
