"""The rows of the table, one module each: what is measured, beside which limit, against which goal."""
