"""Reconstruction: clocks, strikes and UTC, each with what it rests on and how sure it is."""
