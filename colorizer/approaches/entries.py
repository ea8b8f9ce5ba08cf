"""Every approach, the default first.  To add one: a model file, a training script, an entry."""

from __future__ import annotations

from .approach import Approach
from .knobs import distribution_knobs, step_knobs

ENTRIES = (
    Approach(
        key="efficient",
        title="Efficient",
        explanation=(
            "Recognises more of what it sees than any other here, and so knows more of its "
            "colours. Shows several different guesses and takes colour hints. The best "
            "all-rounder here."
        ),
        good_for="Good all round: people, things, landscapes.",
        paper="Zhang et al. 2016 on EfficientNet-Lite0 (Tan & Le 2019)",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="efficient",
        knobs=distribution_knobs(313, temperature=0.6, vividness=0.7),
        design=(("bins", 313),),
        samples=True,
        distribution=True,
        exportable=True,
        hints=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.4)),
    ),
    Approach(
        key="mobile",
        title="Mobile",
        explanation=(
            "A network made for telephones, which looks at a small copy of the photograph: faster "
            "than Efficient, as good on scenes, less so on people and things. Shows several "
            "different guesses."
        ),
        good_for="Faster; as good on landscapes.",
        paper="Zhang et al. 2016 on MobileNetV2 (Sandler et al. 2018)",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="mobile",
        knobs=distribution_knobs(313, temperature=0.8, vividness=0.6),
        design=(("bins", 313),),
        samples=True,
        distribution=True,
        exportable=True,
        hints=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.4)),
    ),
    Approach(
        key="colorful",
        title="Colorful",
        explanation=(
            "The network that made automatic colouring popular in 2016, here narrower and with a "
            "newer first half. It learned that rare, strong colours count as much as the grey that "
            "fills most of the world, so it is the boldest one: bright skies and lawns, and now "
            "and then a colour where none should be."
        ),
        good_for="Bold skies, lawns and flowers.",
        paper="Zhang et al. 2016, Colorful Image Colorization",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="colorful",
        knobs=distribution_knobs(313, temperature=0.38, vividness=0.8),
        samples=True,
        distribution=True,
        exportable=True,
        sampling=(("temperature", 0.6), ("top_k", 20), ("vividness", 0.6)),
        design=(("width", 0.1875), ("encoder", "mobilenet")),
    ),
    Approach(
        key="classification",
        title="Classification",
        explanation=(
            "Sorts the colour of every place into one of 361 square boxes of the colour plane. "
            "Top-k 1 paints the middle of the likeliest box, bold but in steps; more boxes are "
            "blended by their probabilities. It decides between colours instead of averaging "
            "them, but neighbouring boxes know nothing of each other, so colour can be patchy."
        ),
        good_for="Decided colours, now and then in patches.",
        paper="Report 000, after Zhang et al. 2016",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="autoencoder",
        knobs=distribution_knobs(361, temperature=0.5, vividness=0.5),
        samples=True,
        distribution=True,
        exportable=True,
        sampling=(("temperature", 0.7), ("top_k", 20), ("vividness", 0.3)),
        design=(("head", "bins"), ("encoder", "mobilenet")),
    ),
    Approach(
        key="pix2pix",
        title="Pix2pix",
        explanation=(
            "One network paints, a second one has learned to tell paintings from photographs, and "
            "the first is trained until it fools the second. That takes away the palest of the "
            "average colours; the training ended before it began to invent. It gives one result "
            "only."
        ),
        good_for="One calm guess, less pale than the average.",
        paper="Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks",
        paper_url="https://arxiv.org/abs/1611.07004",
        family="pix2pix",
        design=(("encoder", "efficientnet"),),
    ),
    Approach(
        key="wgan-gp",
        title="WGAN-GP",
        explanation=(
            "Paints from the photograph and from random numbers: other numbers, another picture. "
            "A critic scores how real the colours look. The results are warm and vivid; where "
            "nothing is sure they are bold as well, and other numbers change them only a little."
        ),
        good_for="Warm and vivid, bold where unsure.",
        paper="Gulrajani et al. 2017, Improved Training of Wasserstein GANs",
        paper_url="https://arxiv.org/abs/1704.00028",
        family="wgan_gp",
        samples=True,
        design=(("encoder", "efficientnet"), ("noise", 8), ("scale", 8.0)),
    ),
    Approach(
        key="pixcolor",
        title="PixColor",
        explanation=(
            "Paints a small picture of the colours first, one spot after the other, and each spot "
            "knows which colours the spots before it got. So one car stays one colour, and every "
            "sample is a different photograph of the same scene. Takes a second or so for each, "
            "and what it begins wrongly it goes on with."
        ),
        good_for="One thing, one colour; takes its time.",
        paper="Guadarrama et al. 2017, PixColor: Pixel Recursive Colorization",
        paper_url="https://arxiv.org/abs/1705.07208",
        family="pixcolor",
        knobs=step_knobs(32, temperature=0.9),
        samples=True,
        design=(("encoder", "mobilenet"),),
    ),
    Approach(
        key="deep-colorization",
        title="Deep Colorization",
        explanation=(
            "From the time just before networks looked at whole photographs: every pixel is "
            "coloured on its own, from a description of its surroundings in 131 numbers. Fifty of "
            "them say what kind of thing it belongs to, and so it knows sky from wall, roughly. "
            "Calm colours, often too pale."
        ),
        good_for="Calm, pale colours.",
        paper="Cheng et al. 2015, Deep Colorization; variant B of report 002",
        paper_url="https://arxiv.org/abs/1605.00075",
        family="deep_colorization",
        design=(("variant", "B"),),
    ),
    Approach(
        key="deep-colorization-plain",
        title="Deep Colorization (no semantics)",
        explanation=(
            "The same without the fifty numbers that say what a thing is: brightness and texture "
            "around a pixel are all it knows. Compare the two to see what knowing things is worth: "
            "smooth and bright is sky, rough and dark is grass, and the rest is brownish."
        ),
        good_for="colours from light and texture alone.",
        teaching=True,
        paper="Cheng et al. 2015, Deep Colorization; variant A of report 002",
        paper_url="https://arxiv.org/abs/1605.00075",
        family="deep_colorization",
        design=(("variant", "A"),),
    ),
    Approach(
        key="reconstruction-lab",
        title="Reconstruction (Lab)",
        explanation=(
            "The plain way: a small network squeezes the photograph through a bottleneck and "
            "gives one colour per place, trained to be as near to the truth as possible on "
            "average. The average of many possible colours is a pale brownish grey, and that is "
            "what it paints wherever it is unsure. The photograph itself stays sharp."
        ),
        good_for="what the average of all colours looks like.",
        teaching=True,
        paper="Report 000; the Lab autoencoder",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="autoencoder",
        exportable=True,
        design=(("head", "ab"), ("encoder", "plain")),
    ),
    Approach(
        key="reconstruction-rgb",
        title="Reconstruction (RGB)",
        explanation=(
            "The baseline that shows why the others keep the photograph's own lightness: the same "
            "small network has to paint the whole picture anew, edges and all, so the result is "
            "blurred as well as pale. Look at it once, then use another one."
        ),
        good_for="why the photograph's own light is kept.",
        teaching=True,
        paper="Report 000; the RGB autoencoder",
        paper_url="https://arxiv.org/abs/1603.08511",
        family="autoencoder",
        keeps_luminance=False,
        design=(("head", "rgb"), ("encoder", "plain")),
    ),
)
