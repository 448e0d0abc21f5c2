"""Curation: pages on which link workers, organisations and a third-sector interface mend the directory."""
