"""Holds the conversation: contacts, choices, answers and outcomes."""
