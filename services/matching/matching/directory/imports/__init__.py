"""How the records of many sources become one directory, and how what people here know better stays laid over them."""
