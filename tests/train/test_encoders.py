"""``--encoder``: each ImageNet encoder is told by its keys, and never silently ignored."""

import argparse

import pytest
import torch
from safetensors.torch import save_file

from colorizer import checkpoints
from colorizer.models.autoencoder import AutoEncoder
from colorizer.models.colorful import Colorful
from colorizer.models.deep_colorization import DeepColorization
from colorizer.models.efficient import Efficient
from colorizer.models.encoders.efficientnet import EfficientNetLite0
from colorizer.models.encoders.mobilenet import features
from colorizer.models.mobile import Mobile
from colorizer.models.pix2pix import Generator
from colorizer.models.pixcolor import PixColor
from tests.support.training import options, train
from train.engine import encoders
from train.engine.options import arguments, encoder_options, own_options
from train.publish import card

# key of the first convolution in the file → network on that encoder.
NETWORKS = {
    "efficientnet": {
        "efficient": Efficient,
        "classification": lambda: AutoEncoder("bins", "efficientnet"),
        "colorful": lambda: Colorful(width=0.125, encoder="efficientnet"),
        "pix2pix": lambda: Generator("efficientnet"),
        "pixcolor": lambda: PixColor(features=8, layers=1, encoder="efficientnet"),
        "deep-colorization": lambda: DeepColorization("B", semantics="efficientnet"),
    },
    "mobilenet": {
        "mobile": Mobile,
        "classification": lambda: AutoEncoder("bins", "mobilenet"),
        "pixcolor": lambda: PixColor(features=8, layers=1),
    },
}
FIRST = {"efficientnet": "conv_stem.weight", "mobilenet": "features.0.0.weight"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Both encoders with random weights, as torchvision and timm name them."""
    folder = tmp_path_factory.mktemp("encoders")
    torch.manual_seed(3)
    states = {
        "mobilenet": {f"features.{k}": v for k, v in features().state_dict().items()},
        "efficientnet": EfficientNetLite0().state_dict(),
    }
    for name, state in states.items():
        save_file(state, folder / f"{name}.safetensors")
    return {name: (str(folder / f"{name}.safetensors"), state) for name, state in states.items()}


def given(encoder: str | None, init_from: str | None = None) -> argparse.Namespace:
    return argparse.Namespace(encoder=encoder, init_from=init_from)


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, found in NETWORKS.items() for key in found]
)
def test_every_network_takes_the_encoder_it_has(files, kind, key):
    path, state = files[kind]
    network = NETWORKS[kind][key]()
    encoders.load(network, given(path))
    first = next(encoders.with_encoder(network).encoder.parameters())
    assert torch.equal(first, state[FIRST[kind]])


def test_the_keys_of_a_checkpoint_of_ours_tell_its_encoder(files):
    shipped = checkpoints.CHECKPOINTS / "mobile" / checkpoints.WEIGHTS
    assert encoders.kind_of(str(shipped)) == "mobilenet"
    network = AutoEncoder("bins", "mobilenet")
    encoders.load(network, given(str(shipped)))
    _, state = checkpoints.load_weights(shipped.parent)
    first = encoders.with_encoder(network).encoder[0][0].weight
    assert torch.equal(first, state["encoder.0.0.weight"].float())


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (Mobile, "efficientnet", "encoder is mobilenet"),
        (Efficient, "mobilenet", "encoder is efficientnet"),
        (lambda: AutoEncoder("ab", "plain"), "mobilenet", "would be ignored"),
        (lambda: DeepColorization("A"), "mobilenet", "would be ignored"),
    ],
    ids=["mobile", "efficient", "plain", "no semantics"],
)
def test_an_encoder_that_does_not_belong_to_the_network_is_one_sentence(files, make, kind, words):
    with pytest.raises(SystemExit, match=words):
        encoders.load(make(), given(files[kind][0]))


def test_an_encoder_beside_a_whole_checkpoint_is_one_sentence(files):
    with pytest.raises(SystemExit, match="--init-from has the encoder's weights"):
        encoders.load(Mobile(), given(files["mobilenet"][0], "checkpoints/mobile"))


@pytest.mark.parametrize("content", [None, b"no tensors", {"fc.weight": torch.zeros(1)}])
def test_a_file_that_is_no_encoder_is_one_sentence(tmp_path, content):
    path = tmp_path / "weights.safetensors"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        save_file(content, path)
    with pytest.raises(SystemExit, match=r"no file|no safetensors|none of the encoders"):
        encoders.kind_of(str(path))


@pytest.mark.training
def test_the_file_decides_the_architecture_of_a_script(files, halves_zip, tmp_path):
    output = tmp_path / "run"
    more = ("--encoder", files["efficientnet"][0], "--steps", "1", "--width", "0.125")
    train("colorful", options(halves_zip, output, *more))
    config, _ = checkpoints.load_weights(output)
    assert config["architecture"]["encoder"] == "efficientnet"
    # Resumed without it, the network is what it was; --architecture says another one.
    again = ("--steps", "2", "--resume")
    train("colorful", options(halves_zip, output, *again))
    assert checkpoints.load_weights(output)[0]["steps"] == 2
    with pytest.raises(SystemExit, match="is of another network"):
        train("colorful", options(halves_zip, output, *again, "--architecture", "mobilenet"))


@pytest.mark.training
def test_a_plain_architecture_says_that_it_takes_no_encoder(files, halves_zip, tmp_path):
    more = ("--target", "lab", "--encoder", files["mobilenet"][0], "--steps", "1")
    with pytest.raises(SystemExit, match="would be ignored"):
        train("reconstruction", options(halves_zip, tmp_path / "run", *more))


def test_a_card_says_whose_encoder_a_training_began_with(tmp_path):
    path = tmp_path / "efficient" / "model.safetensors"
    argv = ["--photos", "x", "--output", "y", "--encoder", str(path)]
    said = own_options(encoder_options(arguments("")).parse_args(argv))
    assert said["encoder"] == "efficient/model.safetensors"
    config = {"architecture": {"encoder": "efficientnet"}, "training": [said]}
    (sentence,) = card.network(config)
    assert "EfficientNet-Lite0, started from that of `efficient`, in place" in sentence
