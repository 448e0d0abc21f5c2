"""Run all of Linkway on one machine with nothing installed but Python."""
