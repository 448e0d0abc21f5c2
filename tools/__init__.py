"""Tools of the project itself, which no service needs."""
