"""The review page: all cameras side by side on one clock, with the evidence a click away."""

from __future__ import annotations

from syncview.review.page import render_page
from syncview.review.writing import write_review

__all__ = ["render_page", "write_review"]
