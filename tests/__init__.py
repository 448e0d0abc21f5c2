"""What Linkway promises, tested."""
