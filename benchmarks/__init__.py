"""The library against NumPy written by hand and every peer: `python -m benchmarks --help`."""
