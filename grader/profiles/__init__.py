"""Class problems: what the reference needed, and comparisons that cannot be talked into a yes."""
