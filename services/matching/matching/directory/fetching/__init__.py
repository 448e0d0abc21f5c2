"""Fetches directories from where they are published: page by page, politely, and going on where it was cut."""
