"""Make a fresh Linkway ready for work by the services' own commands, in the order in which they need each other."""
