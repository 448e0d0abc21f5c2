"""Tests of what Linkway promises when processes, the broker and the databases fail."""
