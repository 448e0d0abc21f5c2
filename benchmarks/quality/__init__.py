"""How good the answers are: what is read in letters and which services are found, beside what people expect."""
