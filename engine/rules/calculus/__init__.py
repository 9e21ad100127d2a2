"""Derivatives, limits and minima."""
