"""What every Linkway service stands on; it knows no service."""
