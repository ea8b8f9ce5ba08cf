"""The page that needs no server after its first visit, without a connection."""

from __future__ import annotations

from tests.support.lite import open_photo


def test_reload_works_without_a_connection(tab, grey_coffee):
    tab.reload()
    tab.wait_for_selector("html[data-backend]")
    open_photo(tab, grey_coffee)
    assert tab.locator("#examples img").nth(2).evaluate("(img) => img.naturalWidth") > 0
    # The service worker isolates the page, so that it may use threads on any host.
    assert tab.evaluate("() => crossOriginIsolated")
