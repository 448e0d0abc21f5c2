"""Every SQL statement of casework, by what it is about; functions take the transaction first."""
