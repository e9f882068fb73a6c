"""`python -m benchmarks` measures PythonMastery and its peers, and writes docs/performance.md."""
