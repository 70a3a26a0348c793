"""The timeline: clocks and events put into one document, checked against its published schema."""
