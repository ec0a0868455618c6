"""The leaders' page: static files with the numbers of one publication."""

from naruki.publishing.page.build import PageReport, build_page

__all__ = ["PageReport", "build_page"]
