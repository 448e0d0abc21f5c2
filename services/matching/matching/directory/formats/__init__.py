"""The formats of directories: each is a translation into HSDS-UK 3.0, which one tolerant reader then reads."""

from matching.directory.formats.columns import read_columns
from matching.directory.formats.document import Document, detect, open_document
from matching.directory.formats.zipped import content_of

__all__ = ["Document", "content_of", "detect", "open_document", "read_columns"]
