"""What `sync` and `detect` share: blocks, levels, robust statistics, peaks."""
