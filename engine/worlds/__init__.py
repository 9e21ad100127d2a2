"""Worlds: random models of the premises, in which every term has an exact value."""
