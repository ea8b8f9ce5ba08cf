"""The page that needs no server after its first visit: no connection, and newer builds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.browsing import PATIENCE, expect
from tests.support.lite import open_photo
from tests.support.static import LITE, files

DESCRIPTION = "model/colorizer.json"
NEW = "A newer build"


@pytest.fixture
def site(tmp_path) -> Path:
    """The built files, in a folder where a newer build can take their place."""
    return Path(shutil.copytree(LITE, tmp_path / "site"))


@pytest.fixture
def visit_site(site, browser) -> Iterator[Callable]:
    """``visit_site()`` opens the page in a new tab of one browser and gives the tab once it is ready."""
    context = browser.new_context()
    with files(site) as url:

        def open_tab():
            tab = context.new_page()
            tab.set_default_timeout(PATIENCE)
            tab.goto(url)
            tab.wait_for_selector("html[data-backend]")
            return tab

        yield open_tab
        context.close()


def deploy(site: Path) -> None:
    """Put another build there: another page, and another description of the model."""
    page = site / "index.html"
    page.write_text(
        page.read_text().replace("<title", f'<meta name="build" content="{NEW}"><title')
    )
    about = json.loads((site / DESCRIPTION).read_text())
    (site / DESCRIPTION).write_text(json.dumps({**about, "title": NEW}))
    worker = (site / "sw.js").read_text()
    for path in ("index.html", DESCRIPTION):
        name = json.dumps(path) + ':{"hash":"'
        before, after = worker.split(name)
        digest = hashlib.sha256((site / path).read_bytes()).hexdigest()
        worker = before + name + digest[:16] + after[16:]
    (site / "sw.js").write_text(worker)


def build(tab) -> str:
    """Which build a tab has its page and its model from: "old" or "new", never some of both."""
    page = tab.locator("meta[name=build]").count() == 1
    model = NEW in tab.locator("#method").text_content()
    assert page == model
    return "new" if page else "old"


def wait_until_fetched(tab) -> None:
    """Wait until the service worker of the newer build has its files."""
    tab.wait_for_function(
        "async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)"
    )


def reload(tab) -> None:
    tab.reload()
    tab.wait_for_selector("html[data-backend]")


def test_reload_works_without_a_connection(tab, grey_coffee):
    tab.reload()
    tab.wait_for_selector("html[data-backend]")
    open_photo(tab, grey_coffee)
    assert tab.locator("#examples img").nth(2).evaluate("(img) => img.naturalWidth") > 0
    # The service worker isolates the page, so that it may use threads on any host.
    assert tab.evaluate("() => crossOriginIsolated")


def test_a_newer_build_is_whole_from_the_visit_after_it_was_fetched(site, visit_site):
    visit_site().close()
    deploy(site)
    tab = visit_site()
    assert build(tab) == "old"
    wait_until_fetched(tab)
    # Its model came with it, so that it opens without a connection.
    tab.context.set_offline(True)
    tab.close()
    tab = visit_site()
    expect(tab.locator("meta[name=build]")).to_be_attached()
    tab.wait_for_selector("html[data-backend]")
    assert build(tab) == "new"
    reload(tab)
    assert build(tab) == "new"


def test_a_newer_build_waits_while_another_tab_has_the_old_one(site, visit_site):
    first = visit_site()
    deploy(site)
    second = visit_site()
    wait_until_fetched(second)
    reload(second)
    assert build(second) == "old"
    first.close()
    reload(second)
    expect(second.locator("meta[name=build]")).to_be_attached(timeout=PATIENCE)
    second.wait_for_selector("html[data-backend]")
    assert build(second) == "new"


def test_a_file_of_a_newer_build_is_not_given_to_the_old_page(site, visit_site):
    tab = visit_site()
    deploy(site)
    said = tab.evaluate(
        """async (path) => {
            const cache = await caches.open((await caches.keys())[0]);
            for (const request of await cache.keys()) {
                if (request.url.includes(path)) await cache.delete(request);
            }
            return fetch(path).then((r) => r.text()).catch((error) => error.name);
        }""",
        DESCRIPTION,
    )
    assert said == "TypeError"
