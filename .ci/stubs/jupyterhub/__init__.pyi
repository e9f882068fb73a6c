"""What of JupyterHub we use; it has no types of its own."""
