"""Screens of the lawyer."""
