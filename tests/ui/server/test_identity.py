"""What the page says of itself where it is shared, bookmarked or installed."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.datastructures import URL

from colorizer.ui import theme
from colorizer.ui.server import identity
from tests.support.serving import serving

pytestmark = pytest.mark.slow  # a page is served

META = r'<meta\s+(?:property|name)="(og:[^"]*|twitter:[^"]*|description)"\s+content="([^"]*)"'


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    def load(key: str) -> None:
        raise AssertionError("no model is needed")

    with serving(load, tmp_path_factory.mktemp("gradio")) as served:
        yield served.url


def get(url: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
        return response.read()


def test_a_shared_address_shows_this_page(url):
    page = get(url).decode()
    found = re.findall(META, page)
    said = dict(found)
    assert len(said) == len(found)  # whoever reads the first of a kind reads ours
    assert said["og:title"] == identity.TITLE
    assert said["og:description"] == said["description"] == identity.DESCRIPTION
    assert "radio" not in "".join(said.values())
    assert page.count("<title>") == 1
    assert f"<title>{identity.TITLE}</title>" in page
    assert said["og:image"] == f"{url}preview.jpg"
    preview = Image.open(io.BytesIO(get(said["og:image"])))
    assert (preview.format, preview.size) == ("JPEG", identity.PREVIEW_SIZE)


def test_behind_a_proxy_the_preview_has_the_outer_address(url):
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "colours.example"}
    said = dict(re.findall(META, get(url, **proxied).decode()))
    assert said["og:image"] == "https://colours.example/preview.jpg"


def test_icons_are_the_pages_own(url):
    icon = Path(theme.ICON).read_bytes()
    assert get(f"{url}favicon.ico") == icon
    manifest = json.loads(get(f"{url}manifest.json"))
    assert manifest["name"] == identity.TITLE
    for entry in manifest["icons"]:
        shown = Image.open(io.BytesIO(get(f"{url}{entry['src'].lstrip('/')}")))
        assert f"{shown.width}x{shown.height}" == entry["sizes"]
    assert 'href="./pwa_icon/192"' in get(url).decode()


def test_other_html_stays_as_it_is():
    other = b'<base href="x"><meta property="og:title" content="Other" />'
    assert identity.renamed(other, URL("http://here/")) == other
