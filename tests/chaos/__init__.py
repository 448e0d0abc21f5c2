"""Break everything at random but by a seed, under load, and show that nothing that was acknowledged is lost."""
