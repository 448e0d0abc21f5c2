"""What is broken, one module a family; each fault is a coroutine that breaks something, waits, and mends it."""
