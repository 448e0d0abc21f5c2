"""The outside providers that notifications hands messages to: a mail server, and organisations' own endpoints."""

from notifications.gateway.endpoints import Endpoints, Hook, sign
from notifications.gateway.mail_server import MailServer, Post, Tls

__all__ = ["Endpoints", "Hook", "MailServer", "Post", "Tls", "sign"]
