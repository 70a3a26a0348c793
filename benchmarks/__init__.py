"""Evidence that is too slow for the tests: `python -m benchmarks NAME`, one table each.

Seeds here are not those of the tests. Simulated data ranks methods; no field accuracy is claimed.
"""
