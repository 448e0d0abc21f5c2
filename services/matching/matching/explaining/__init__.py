"""Says why a match came out as it did, and what other weights would have changed."""
