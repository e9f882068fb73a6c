"""A package of which only the modules inside are offered."""
