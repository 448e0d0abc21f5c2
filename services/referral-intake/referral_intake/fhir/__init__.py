"""BaRS messages: read from JSON or XML into the same request as every door's, and answered in FHIR."""
