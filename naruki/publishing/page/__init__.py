"""The leaders' page: what a leader looks at on Monday, as static files."""

from naruki.publishing.page.build import PageReport, build_page, rebuild_page

__all__ = ["PageReport", "build_page", "rebuild_page"]
