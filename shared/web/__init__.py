"""The chrome of every page: layout, headers, forms that cannot be forged, sign-in by mailed link, and signed links."""
