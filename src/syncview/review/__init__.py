"""The review page: all cameras side by side on one clock, with the evidence a click away."""
