"""Tells those who have to know, by the channel that suits them."""
