"""The joint solution of a group: true clocks, moments and places of strikes, each with its uncertainty."""
