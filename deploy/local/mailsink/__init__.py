"""Catch every mail of a local stack, so that it can be read in a browser and nobody outside is ever written to."""
