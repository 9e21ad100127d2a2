"""Marking whole workings: every line, every link, the first that is wrong, and what mistake it was."""
