"""Breaks a whole installation in every way of docs/faults.md, and counts what it kept."""
