"""Synchronization: what two sounds say of their lag, and how many recordings fit on one clock."""
