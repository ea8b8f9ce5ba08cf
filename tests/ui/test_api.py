"""The page's named endpoints through ``gradio_client``, and over plain HTTP."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from colorizer import checkpoints
from colorizer.approaches import default
from colorizer.hints import Hint, write_hints
from tests.support.serving import serving

pytestmark = pytest.mark.slow  # a page is served


@pytest.fixture(scope="module")
def url(default_model, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gradio")
    with serving(lambda key: default_model, folder, max_samples=5) as served:
        yield served.url


@pytest.fixture(scope="module")
def client(url, tmp_path_factory) -> Client:
    return Client(url, verbose=False, download_files=str(tmp_path_factory.mktemp("client")))


def test_the_endpoints_are_named_typed_and_described(client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {
        "/album",
        "/colorize",
        "/compare",
        "/inspect",
        "/sample",
        "/steer",
        "/sweep",
    }
    parameters = {p["parameter_name"]: p for p in named["/colorize"]["parameters"]}
    assert list(parameters) == [
        "photo",
        "approach",
        "temperature",
        "top_k",
        "vividness",
        "seed",
        "strength",
        "warmth",
        "saturation",
        "white_balance",
        "look",
    ]
    assert parameters["approach"]["parameter_default"] == default().key
    assert [p["parameter_has_default"] for p in parameters.values()] == [False] + [True] * 10
    for endpoint in named.values():
        for parameter in endpoint["parameters"]:
            assert f"{parameter['parameter_name']}:" in endpoint["description"]


def test_colorize_endpoint(client, photo_file, default_model):
    path = photo_file("Oma & Opa.png", "chelsea")
    result = client.predict(handle_file(path), api_name="/colorize")
    image = Image.open(result)
    assert (image.format, image.size) == ("PNG", (451, 300))
    assert np.array_equal(np.asarray(image), np.asarray(default_model.colorize(path)))
    result = client.predict(
        handle_file(path), temperature=0.9, top_k=20, seed=4, api_name="/colorize"
    )
    expected = default_model.colorize(path, temperature=0.9, top_k=20, seed=4)
    assert np.array_equal(np.asarray(Image.open(result)), np.asarray(expected))


def test_colorize_over_plain_http_with_values_by_name(url, photo_file, default_model):
    """The README's four lines of curl, in Python."""
    path = photo_file(side=100)
    photo = {"path": upload(url, path), "meta": {"_type": "gradio.FileData"}}
    call = json.dumps({"temperature": 0.4, "photo": photo}).encode()
    event = post(f"{url}gradio_api/call/v2/colorize", call)["event_id"]
    with urllib.request.urlopen(f"{url}gradio_api/call/colorize/{event}") as response:
        lines = [
            line for line in response.read().decode().splitlines() if line.startswith("data: ")
        ]
    (found,) = json.loads(lines[-1].removeprefix("data: "))
    with urllib.request.urlopen(found["url"]) as response:
        image = Image.open(io.BytesIO(response.read()))
    expected = default_model.colorize(path, temperature=0.4)
    assert np.array_equal(np.asarray(image), np.asarray(expected))


def test_sample_endpoint(client, photo_file, default_model):
    path = photo_file("rocket.png", "rocket", side=300)
    result = client.predict(handle_file(path), n=3, seed=10, api_name="/sample")
    assert [item["caption"] for item in result] == ["seed 10", "seed 11", "seed 12"]
    pictures = [np.asarray(Image.open(item["image"])) for item in result]
    expected = default_model.sample(path, n=3, seed=10)
    for got, want in zip(pictures, expected, strict=True):
        assert np.array_equal(got, np.asarray(want))
    assert not np.array_equal(pictures[0], pictures[1])


def test_sweep_endpoint(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", side=300)
    result = client.predict(handle_file(path), vividness=1.0, api_name="/sweep")
    assert len(result) == 20
    usual = default().knob("temperature").default
    at = next(a for a in result if a["caption"] == f"temperature {usual:g}, top-k All")
    expected = default_model.colorize(path, vividness=1.0)
    assert np.array_equal(np.asarray(Image.open(at["image"])), np.asarray(expected))
    assert len({Image.open(item["image"]).tobytes() for item in result}) > 10

    result = client.predict(
        handle_file(path),
        rows="vividness",
        columns="temperature",
        row_values="0, 1.5",
        column_values="0.1",
        strength=0.5,
        api_name="/sweep",
    )
    assert [a["caption"] for a in result] == [
        f"vividness {v}, temperature 0.1" for v in ("0", "1.5")
    ]
    expected = default_model.colorize(path, vividness=1.5, temperature=0.1, strength=0.5)
    assert np.array_equal(np.asarray(Image.open(result[1]["image"])), np.asarray(expected))


def test_strength_endpoint(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", side=200)
    for strength in (0.0, 1.5):
        result = client.predict(handle_file(path), strength=strength, api_name="/colorize")
        image = Image.open(result)
        expected = default_model.colorize(path, strength=strength)
        assert np.array_equal(np.asarray(image), np.asarray(expected))
        assert "Colours are simulated" in image.info["Description"]


def test_looks_and_adjustments_of_the_endpoint(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", side=200)
    result = client.predict(handle_file(path), look="vivid", warmth=0.3, api_name="/colorize")
    expected = default_model.colorize(path, look="vivid", warmth=0.3)
    assert np.array_equal(np.asarray(Image.open(result)), np.asarray(expected))


def test_the_text_of_a_hints_file_will_do(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", side=200)
    text = write_hints([Hint(100, 60, "#20a040")], (200, 133))
    result = client.predict(handle_file(path), hints=text, api_name="/steer")
    expected = default_model.colorize(path, hints=[Hint(100, 60, "#20a040")])
    assert np.array_equal(np.asarray(Image.open(result)), np.asarray(expected))


def test_compare_endpoint(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", grey=False, side=300)
    pictures, values = client.predict(handle_file(path), api_name="/compare")
    assert [f["approach"] for f in values] == [a.key for a in checkpoints.shipped()]
    assert [set(f) for f in values] == [
        {"approach", "title", "seconds", "colorfulness", "psnr", "problem"}
    ] * len(values)
    assert all(f["psnr"] > 5 and f["problem"] is None for f in values)
    assert pictures[0]["caption"].startswith(default().title)
    expected = default_model.colorize(path)
    assert np.array_equal(np.asarray(Image.open(pictures[0]["image"])), np.asarray(expected))
    pictures, values = client.predict(
        handle_file(path), approaches=["mobile"], strength=0.0, api_name="/compare"
    )
    assert values[0]["colorfulness"] == 0


def test_inspect_endpoint(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", side=300)
    reading, plane, unsure = client.predict(handle_file(path), x=100, y=50, api_name="/inspect")
    likeliest = default_model.analyze(path).distribution(100, 50)[:5]
    assert [c["probability"] for c in reading["colors"]] == pytest.approx(
        [p for *_, p in likeliest]
    )
    assert 0 < reading["entropy"] < 5.75
    assert Image.open(plane).size == (560, 560)
    assert Image.open(unsure).size == (300, 200)


def test_steer_endpoint(client, photo_file, default_model):
    path = photo_file("coffee.png", "coffee", side=300)
    hints = [{"x": 150, "y": 100, "color": "#20a040"}]
    result = client.predict(handle_file(path), hints=hints, strength=1.2, api_name="/steer")
    expected = default_model.colorize(path, hints=[Hint(150, 100, "#20a040")], strength=1.2)
    assert np.array_equal(np.asarray(Image.open(result)), np.asarray(expected))
    assert not np.array_equal(
        np.asarray(expected), np.asarray(default_model.colorize(path, strength=1.2))
    )


def test_album_endpoint(client, photo_file, default_model, tmp_path):
    cat, bad = photo_file("Oma & Opa.png", "chelsea", side=120), tmp_path / "broken.jpg"
    bad.write_bytes(b"no picture")
    zipped = tmp_path / "old.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(cat, "1950/Märta.png")
    made, lines = client.predict(
        [handle_file(p) for p in (cat, bad, zipped)], vividness=0.2, api_name="/album"
    )
    assert [line["status"] for line in lines] == ["coloured", "failed", "coloured"]
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
        picture = Image.open(io.BytesIO(archive.read(names[0])))
    assert names == ["Oma & Opa.png", "old/1950/Märta.png", "what-happened.csv"]
    assert np.array_equal(
        np.asarray(picture), np.asarray(default_model.colorize(cat, vividness=0.2))
    )
    with pytest.raises(Exception, match="format must be png or jpg"):
        client.predict([handle_file(cat)], format="gif", api_name="/album")
    with pytest.raises(Exception, match="no photographs"):
        client.predict([], api_name="/album")


@pytest.mark.parametrize(
    ("endpoint", "arguments", "words"),
    [
        ("/colorize", {"strength": 3}, "Strength must lie between"),
        ("/compare", {"approaches": ["../x"]}, "no approach called"),
        ("/inspect", {"x": 9999, "y": 0}, "outside"),
        ("/inspect", {"x": 1, "y": 1, "approach": "/etc/passwd"}, "no approach called"),
        ("/steer", {"hints": [{"x": 1, "y": 1, "color": "red"}]}, "#rrggbb"),
        ("/steer", {"hints": [{"x": 1, "y": 9999, "color": "#ff0000"}]}, "outside"),
        ("/sweep", {"row_values": "many"}, "takes numbers"),
        ("/colorize", {"seed": "x"}, "seed"),
        ("/colorize", {"look": "sepia"}, "no look called"),
        ("/sample", {"n": None}, "n must"),
        ("/colorize", {"temperature": 99}, "between"),
        ("/colorize", {"top_k": 2.5}, "whole number"),
        ("/sample", {"n": 0}, "n must be at least 1"),
        ("/sample", {"n": 6}, "n must be at most 5"),
        ("/sample", {"n": "many"}, "n must be a number"),
        ("/colorize", {"seed": 2**64}, "seed must be at most"),
        ("/colorize", {"seed": 1.5}, "seed must be a whole number"),
        ("/colorize", {"approach": "mag'ic"}, "mag'ic"),
        ("/colorize", {"approach": ["mobile"]}, "no approach called"),
        ("/compare", {"approaches": "mobile"}, "must be a list"),
        ("/inspect", {"x": "left", "y": 1}, "x must be a number"),
        ("/sweep", {"row_values": 5}, "are text"),
        ("/sweep", {"approach": "../../etc"}, "no approach called"),
    ],
)
def test_a_bad_value_gets_a_sentence(client, photo_file, endpoint, arguments, words):
    with pytest.raises(Exception, match=words) as caught:
        client.predict(photo=handle_file(photo_file()), **arguments, api_name=endpoint)
    for word in ("Traceback", "upstream", "&#"):
        assert word not in str(caught.value)


def test_a_bad_file_gets_a_sentence(client, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    with pytest.raises(Exception, match=r"\.") as caught:
        client.predict(handle_file(path), api_name="/colorize")
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(Exception, match="no photograph"):
        client.predict(None, api_name="/colorize")


def post(url: str, body: bytes, kind: str = "application/json"):
    """JSON that a server sends."""
    with urllib.request.urlopen(
        urllib.request.Request(url, body, {"Content-Type": kind})
    ) as response:
        return json.load(response)


def upload(url: str, path: Path) -> str:
    """Sends a file; returns the server's path of it."""
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    body = head + path.read_bytes() + b"\r\n--x--\r\n"
    (stored,) = post(f"{url}gradio_api/upload", body, "multipart/form-data; boundary=x")
    return stored


def raw_call(url: str, path: str) -> bytes:
    """/colorize over plain HTTP, with any path where a picture belongs."""
    data = {"path": path, "meta": {"_type": "gradio.FileData"}}
    others = [None] * 9  # knobs, seed, strength, warmth, saturation, white balance, look
    body = json.dumps({"data": [data, default().key, *others]}).encode()
    event = post(f"{url}gradio_api/call/colorize", body)["event_id"]
    with urllib.request.urlopen(f"{url}gradio_api/call/colorize/{event}") as response:
        return response.read()


@pytest.mark.parametrize(
    ("endpoint", "arguments", "words"),
    [("colorize", {"colour": 1}, "`colour` is not"), ("album", {}, "photos")],
)
def test_wrong_names_of_parameters_get_a_sentence(url, capfd, endpoint, arguments, words):
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(f"{url}gradio_api/call/v2/{endpoint}", json.dumps(arguments).encode())
    assert caught.value.code == 422
    assert words in json.load(caught.value)["detail"]
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("endpoint", "arguments", "words"),
    [
        # The photograph of the first example that Gradio makes up is an address.
        ("colorize", {"photo": {"path": "https://example.com/a.png"}}, "Send the file itself"),
        ("colorize", {"photo": None}, "There is no photograph"),
        ("colorize", {"photo": "a.png"}, "another kind"),
        ("album", {"photos": []}, "There are no photographs"),
        ("album", {"photos": "a.png"}, "another kind"),
        ("sample", {"n": None}, "n must be a number"),
        ("colorize", {"seed": "x"}, "seed must be a number"),
        ("colorize", {"approach": "mag'ic"}, "mag'ic"),
        ("steer", {"hints": "it's no file"}, "The hints must be a list"),
        ("steer", {"hints": None}, "The hints must be a list"),
    ],
)
def test_wrong_values_over_plain_http_get_a_sentence(
    url, photo_file, capfd, endpoint, arguments, words
):
    if "photos" not in arguments and "photo" not in arguments:
        stored = upload(url, photo_file(side=60))
        arguments = {"photo": {"path": stored, "meta": {"_type": "gradio.FileData"}}, **arguments}
    if isinstance(arguments.get("photo"), dict):
        arguments["photo"].setdefault("meta", {"_type": "gradio.FileData"})
    event = post(f"{url}gradio_api/call/v2/{endpoint}", json.dumps(arguments).encode())["event_id"]
    with urllib.request.urlopen(f"{url}gradio_api/call/{endpoint}/{event}") as response:
        lines = response.read().decode().splitlines()
    assert "event: error" in lines
    error = json.loads(lines[lines.index("event: error") + 1].removeprefix("data: "))["error"]
    assert words in error
    assert "&" not in error
    assert "Traceback" not in "".join(capfd.readouterr())


def test_no_endpoint_reads_a_file_of_the_server(url, photo_file):
    """A path where a picture belongs, as no client of ours would send it."""
    uploaded = upload(url, photo_file(side=100))
    assert b"event: complete" in raw_call(url, uploaded)
    for given in (str(photo_file("secret.png")), "/etc/passwd", "../../../etc/passwd"):
        response = raw_call(url, given)
        assert b"event: error" in response
        assert b"event: complete" not in response
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}gradio_api/file={given}")
