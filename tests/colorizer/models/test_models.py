"""The networks: shapes, the encoder against torchvision's, hints that start as nothing."""

import argparse

import numpy as np
import pytest
import torch
from skimage import data

import colorizer
from colorizer.color.lab import rgb_to_lab
from colorizer.models import autoencoder, pix2pix, wgan_gp
from colorizer.models.colorful import Colorful, from_published
from colorizer.models.encoders import mobilenet
from colorizer.models.mobile import Mobile, pool_hints
from colorizer.models.unet import EncoderUNet
from train.engine import encoders
from train.evaluation.torchvision_import import mobilenet_v2


@pytest.fixture(scope="module")
def network() -> Mobile:
    torch.manual_seed(0)
    return Mobile().eval()


def test_encoder_is_torchvisions_key_for_key_and_sum_for_sum():
    torch.manual_seed(0)
    theirs = mobilenet_v2(weights=None).eval()
    ours = mobilenet.features().eval()
    ours.load_state_dict(theirs.features.state_dict(), strict=True)
    image = torch.rand(2, 3, 64, 96)
    with torch.inference_mode():
        assert torch.equal(ours(image), theirs.features(image))


def test_encoder_weights_are_loaded_strictly(network):
    state = mobilenet_v2(weights=None).state_dict()
    network.load_encoder(state)
    key = "0.0.weight"
    assert torch.equal(network.encoder.state_dict()[key], state[f"features.{key}"])
    del state["features.3.conv.0.0.weight"]
    with pytest.raises(RuntimeError, match=r"3\.conv\.0\.0\.weight"):
        network.load_encoder(state)


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (160, 128)])
def test_mobile_gives_logits_at_a_quarter(network, size):
    with torch.inference_mode():
        logits = network(torch.rand(2, 1, *size) * 100)
    assert logits.shape == (2, 313, size[0] // 4, size[1] // 4)
    assert torch.isfinite(logits).all()


def test_untrained_hint_channels_change_nothing(network):
    lightness = torch.rand(1, 1, 64, 64) * 100
    hints = torch.zeros(1, 3, 64, 64)
    hints[0, :, 20:25, 30:35] = torch.tensor([40.0, -20.0, 1.0]).view(3, 1, 1)
    with torch.inference_mode():
        assert torch.equal(network(lightness), network(lightness, hints))


def test_pooled_hints_are_the_mean_of_each_cells_hints():
    hints = torch.zeros(1, 3, 8, 8)
    hints[0, :, 0, 0] = torch.tensor([10.0, 4.0, 1.0])
    hints[0, :, 1, 3] = torch.tensor([30.0, 8.0, 1.0])
    pooled = pool_hints(hints, (2, 2))
    torch.testing.assert_close(pooled[0, :, 0, 0], torch.tensor([20.0, 6.0, 1.0]))
    assert pooled[0, :, 1, 1].abs().sum() == 0


def test_full_width_eccv16_has_the_papers_size():
    network = Colorful(width=1.0).eval()
    parameters = sum(p.numel() for p in network.parameters())
    assert parameters == pytest.approx(32.2e6, rel=0.005)
    with torch.inference_mode():
        assert network(torch.rand(1, 1, 32, 48) * 100).shape == (1, 313, 8, 12)


def published_state() -> dict[str, torch.Tensor]:
    """Names and shapes of the authors' ECCV16 file, with one element behind each large tensor."""
    channels = (64, 128, 256, 512, 512, 512, 512)
    convolutions = (2, 2, 3, 3, 3, 3, 3)
    state, inputs = {}, 1
    for block, (outputs, count) in enumerate(zip(channels, convolutions, strict=True), 1):
        for i in range(count):
            state[f"model{block}.{2 * i}.weight"] = torch.zeros(1).expand(outputs, inputs, 3, 3)
            state[f"model{block}.{2 * i}.bias"] = torch.zeros(outputs)
            inputs = outputs
        norm = f"model{block}.{2 * count}"
        for name in ("weight", "bias", "running_mean", "running_var"):
            state[f"{norm}.{name}"] = torch.full((outputs,), float(block))
    for i, (outputs, inputs, size) in enumerate(
        ((512, 256, 4), (256, 256, 3), (256, 256, 3), (313, 256, 1))
    ):
        state[f"model8.{2 * i}.weight"] = torch.zeros(1).expand(outputs, inputs, size, size)
        state[f"model8.{2 * i}.bias"] = torch.zeros(313 if i == 3 else 256)
    state["model_out.weight"] = torch.zeros(2, 313, 1, 1)
    return state


def test_the_published_eccv16_weights_fit_the_full_width():
    state = published_state()
    trained = [v for k, v in state.items() if "running" not in k and "model_out" not in k]
    assert sum(t.numel() for t in trained) == pytest.approx(32.2e6, rel=0.005)
    network = Colorful(width=1.0)
    network.load_state_dict(from_published(state), strict=True)
    assert network.blocks[4][6].running_mean[0] == 5
    assert network.decoder[6].bias.shape == (313,)
    with pytest.raises(ValueError, match=r"model9\.0\.weight is no layer"):
        from_published({"model9.0.weight": torch.zeros(1)})


def test_the_light_unet_starts_from_torchvisions_encoder():
    state = mobilenet_v2(weights=None).state_dict()
    network = EncoderUNet(2)
    network.load_encoder(state)
    assert torch.equal(network.encoder[17].conv[0][0].weight, state["features.17.conv.0.0.weight"])
    del state["features.17.conv.0.0.weight"]
    with pytest.raises(RuntimeError, match=r"17\.conv\.0\.0\.weight"):
        network.load_encoder(state)
    with pytest.raises(ValueError, match="needs 5 widths"):
        EncoderUNet(2, output_stride=2)


def training(**more) -> argparse.Namespace:
    """Options of a training that concern its encoder."""
    given = {"lr": 1.0, "encoder_rate": 0.25, "encoder": None, "init_from": None}
    return argparse.Namespace(**given, **{"encoder_layers": "all", **more})


def test_colorful_starts_from_torchvisions_encoder():
    state = mobilenet_v2(weights=None).state_dict()
    network = Colorful(width=0.125, encoder="mobilenet")
    args = training()
    slow, fast = encoders.groups(network, args)
    assert (slow["lr"], fast["lr"]) == (0.25, 1.0)
    assert len(slow["params"]) + len(fast["params"]) == len(list(network.parameters()))
    network.blocks[0].load_encoder(state)
    assert torch.equal(slow["params"][0], state["features.0.0.weight"])
    network(torch.rand(2, 1, 64, 64) * 100).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize(
    ("make", "early"),
    [
        (lambda: Mobile(), lambda m: [*m.encoder[:4].parameters(), m.hint_stem.weight]),
        (lambda: EncoderUNet(2), lambda m: m.encoder.early().parameters()),
        (
            lambda: Colorful(width=0.125, encoder="mobilenet"),
            lambda m: m.blocks[0].encoder.early().parameters(),
        ),
    ],
    ids=["mobile", "unet", "colorful"],
)
def test_early_layers_can_stay_as_they_are(make, early):
    network, args = make().to(memory_format=torch.channels_last), training(encoder_layers="late")
    optimizer = torch.optim.SGD(encoders.groups(network, args))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    encoders.set_train_mode(network, args)
    network(torch.rand(2, 1, 64, 64) * 100).square().mean().backward()
    optimizer.step()
    kept = {id(p) for p in early(network)}
    names = {name: id(p) for name, p in network.named_parameters()}
    assert kept <= set(names.values())
    for name, value in network.state_dict().items():
        module = name.rpartition(".")[0]
        is_early = names.get(f"{module}.weight") in kept
        if is_early:
            assert torch.equal(value, before[name]), name
    changed = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert len(changed) > len(before) / 2
    encoders.set_train_mode(network, training())
    assert all(m.training for m in network.modules())


# Every design that a config can name: how it is made, channels and stride of what comes out.
DESIGNS = {
    "rgb": (lambda: autoencoder.AutoEncoder("rgb"), 3, 1),
    "rgb, transposed": (lambda: autoencoder.AutoEncoder("rgb", transposed=True), 3, 1),
    "ab, mobilenet": (lambda: autoencoder.AutoEncoder("ab", "mobilenet"), 2, 4),
    "bins, plain": (lambda: autoencoder.AutoEncoder("bins"), 361, 4),
    "bins, mobilenet": (lambda: autoencoder.AutoEncoder("bins", "mobilenet"), 361, 4),
    "pix2pix, unet": (lambda: pix2pix.Generator("unet"), 2, 2),
    "pix2pix, mobilenet": (lambda: pix2pix.Generator("mobilenet"), 2, 2),
    "wgan, plain": (lambda: wgan_gp.Generator("plain"), 2, 4),
    "colorful, plain": (lambda: Colorful(width=0.125), 313, 4),
    "colorful, mobilenet": (lambda: Colorful(width=0.125, encoder="mobilenet"), 313, 4),
    "wgan, mobilenet": (lambda: wgan_gp.Generator("mobilenet"), 2, 4),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_gives_finite_colours_at_its_stride(design):
    make, channels, stride = DESIGNS[design]
    network = make().eval()
    with torch.inference_mode():
        out = network(torch.rand(2, 1, 64, 96) * 100)
    assert out.shape == (2, channels, 64 // stride, 96 // stride)
    assert network.output_stride == stride
    assert torch.isfinite(out).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: autoencoder.AutoEncoder("yuv"),
        lambda: autoencoder.AutoEncoder("ab", "vgg"),
        lambda: Colorful(encoder="vgg"),
        lambda: pix2pix.Generator("vgg"),
        lambda: wgan_gp.Generator("vgg"),
        lambda: wgan_gp.Generator(noise=3),
    ],
)
def test_unknown_designs_are_refused(make):
    with pytest.raises(ValueError, match="not"):
        make()


def test_noise_changes_the_picture_locally():
    torch.manual_seed(0)
    network = wgan_gp.Generator().eval()
    noise = network.draw(1, torch.Generator().manual_seed(0))
    changed = noise.clone()
    changed[:, network.noise // 2 :, :2, :2] += 3  # the local half, in one corner
    with torch.inference_mode():
        light = torch.rand(1, 1, 256, 256) * 100
        difference = (network(light, noise) - network(light, changed)).abs().sum(1)[0]
    assert difference[:16, :16].mean() > 3 * difference[-16:, -16:].mean()
    assert difference[:16, :16].max() > 0


def test_the_scale_of_the_noise_is_a_factor_on_it():
    torch.manual_seed(0)
    plain, loud = wgan_gp.Generator().eval(), wgan_gp.Generator(scale=8.0).eval()
    loud.load_state_dict(plain.state_dict())
    noise = plain.draw(1, torch.Generator().manual_seed(0))
    light = torch.rand(1, 1, 64, 64) * 100
    with torch.inference_mode():
        assert torch.equal(loud(light), plain(light))
        torch.testing.assert_close(loud(light, noise), plain(light, noise * 8), atol=1e-3, rtol=0)
        assert not torch.allclose(loud(light, noise), plain(light, noise), atol=0.1)


def test_the_samples_of_the_shipped_generator_differ():
    model = colorizer.load("wgan-gp")
    made = [np.asarray(model.colorize(data.rocket(), seed=seed)) for seed in (1, 2)]
    one, two = rgb_to_lab(torch.from_numpy(np.stack(made)).permute(0, 3, 1, 2))
    assert (one - two)[1:].norm(dim=0).mean() > 1


def test_critics_answer_for_any_size():
    lab = torch.rand(2, 3, 24, 24)
    assert wgan_gp.Critic()(lab).shape == (2,)
    assert wgan_gp.Critic()(torch.rand(2, 3, 16, 40)).shape == (2,)
    assert pix2pix.PatchDiscriminator()(lab).shape == (2, 1, 4, 4)
