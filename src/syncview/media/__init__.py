"""The only room that opens media: what a file holds, its sound on the recording-time axis, and the workers for both.

Nothing is imported here, so that a worker process starts with only what its task needs.
"""
