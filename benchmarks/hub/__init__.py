"""What a class under JupyterHub costs: `python -m benchmarks.hub`."""
