"""JupyterHub: its people, and what they are here."""
