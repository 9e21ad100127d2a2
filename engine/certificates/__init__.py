"""A working as data, and certified again from it."""
