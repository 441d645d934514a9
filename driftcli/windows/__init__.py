"""Windows of time or of rows: which window a row falls into, and what people call it."""
