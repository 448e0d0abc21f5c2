"""The directory of community services: how it is loaded, and how this process keeps it at hand."""
