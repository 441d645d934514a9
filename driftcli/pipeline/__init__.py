"""The runs as short stories, one module a kind of run, imported only when it is asked for."""
