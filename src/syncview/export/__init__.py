"""One file per format: the timeline in, a file's text out."""
