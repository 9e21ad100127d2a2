"""The command line: thin, and quick to start. It holds no mathematics."""
