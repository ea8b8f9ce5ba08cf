"""Write a checkpoint's model card from its config.json and metrics.json.

    python -m train.publish.card checkpoints/mobile

Every number in a card comes from these two files: config.json is written by the training,
metrics.json by ``python -m train.evaluate --record``; the curves come from the training's
curves.csv, if it lies beside them.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from itertools import accumulate
from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from colorizer.approaches import get

from ..evaluation.report import grid, replace_text, titled
from ..evaluation.results import DEFAULT, RowKey, load
from .overview import notes_on_networks, rebalanced_by, shape, table

TERMS = (
    "The weights are for research and non-commercial use only, because of the terms of the "
    "photographs they were trained on (Places, ImageNet subsets, Flickr8k, UTKFace and others; "
    "none of them is redistributed). The code is under the MIT licence."
)


def card(folder: Path) -> str:
    """The README.md of a checkpoint folder, front matter included."""
    config = json.loads((folder / "config.json").read_text())
    results = load(folder)
    approach = get(config["approach"])
    data = ModelCardData(
        license="other",
        license_name="research-non-commercial",
        library_name="colorizer",
        pipeline_tag="image-to-image",
        tags=["image-colorization", approach.key],
        model_name=f"colorizer-{approach.key}",
        eval_results=list(eval_results(approach.key, results)),
    )
    parts = [
        f"---\n{data.to_yaml()}\n---\n",
        f"# {approach.title}: image colorization\n",
        f"{approach.explanation}\n\nPaper: [{approach.paper}]({approach.paper_url}).\n",
        "## How to use it\n",
        "```python\nimport colorizer\n\n"
        f'c = colorizer.load("{approach.key}")        # or this folder, or its Hub repository\n'
        'c.colorize("photo.jpg").save("photo-color.png")\n```\n',
        "## Terms\n",
        TERMS + "\n",
        "## Training\n",
        *network(config),
        training(config),
        *course(folder),
        "## Results\n",
        quality(results),
        *pictures(folder),
        "## Limits\n",
        "Colour is a guess: the model gives what such things often look like, not what this one "
        "looked like. Clothes, cars, walls and everything else that comes in any colour may be "
        "wrong; when undecided, it turns brownish or grey. Skin may take the tint of its "
        "surroundings. Do not use it as evidence of how something looked.\n",
    ]
    return "\n".join(parts)


# Encoders of which there is more to say than their name.
ENCODERS = {
    "mobilenet": "MobileNetV2, started from ImageNet weights, in place of the report's own",
    "efficientnet": "EfficientNet-Lite0, started from ImageNet weights, in place of the report's own",
    "plain": "the report's own, started from nothing",
    "unet": "the report's own, started from nothing",
    "resnet101": "the report's own, started from ImageNet weights",
}


def network(config: dict) -> list[str]:
    """One sentence on the encoder, where there is a choice, and what its training has noted."""
    encoder = config["architecture"].get("encoder")
    said = [f"The encoder is {ENCODERS.get(encoder, encoder)}."] if encoder else []
    # "efficient/model.safetensors": of a network of ours (train.engine.options.own_options).
    begun = [c["encoder"] for c in config.get("training", []) if "/" in c.get("encoder", "")]
    if said and begun:
        ours = f"started from that of `{begun[0].partition('/')[0]}`"
        said = [said[0].replace("started from ImageNet weights", ours)]
    return [f"{sentence}\n" for sentence in (*said, *config.get("notes", []))]


# Columns of curves.csv that a card shows.
COURSE = r"loss|l1|train_\w+|val_(bits|levels|psnr|auc)|true_(psnr|auc)"


def eval_results(key: str, results: dict) -> list[EvalResult]:
    """PSNR and AuC of the default setting on every set of photographs measured."""
    found = []
    for name, result in results.items():
        row = result["rows"].get(RowKey(key, DEFAULT))
        for metric in ("psnr", "auc_raw", "auc_rebalanced") if row else ():
            found.append(
                EvalResult(
                    task_type="image-to-image",
                    dataset_type=name,
                    dataset_name=name,
                    metric_type=metric,
                    metric_value=row[metric],
                )
            )
    return found


def training(config: dict) -> str:
    """Photographs, hardware, hours and settings, as the training recorded them."""
    segments = config.get("training", [])
    hours, steps = (sum(c[name] for c in segments) for name in ("hours", "steps"))
    lines = [
        f"{config['photographs']:,} photographs seen in {hours:.1f} hours and "
        f"{steps:,} steps. Different photographs, by source:\n",
        "| source | photographs |\n|---|---|",
    ]
    lines += [f"| {k} | {v:,} |" for k, v in config.get("data", {}).items()]
    own = {"stage": "stage", "loss": "loss", "rare": "rare colours more often"}
    own = {name: head for name, head in own.items() if any(c.get(name) for c in segments)}
    lines.append(
        "\n"
        + "".join(f"| {head} " for head in own.values())
        + "| from step | steps | crop | batch | rate | objects mixed in | aged inputs | "
        "loss rebalanced | cool-down | hours | on |\n"
        + "|---" * len(own)
        + "|---|---|---|---|---|---|---|---|---|---|---|"
    )
    # Counted through: a start from shipped weights alone (--init-from) counts from 0 by itself.
    before = accumulate((c["steps"] for c in segments), initial=0)
    lines += [
        "".join(f"| {c.get(name) or '–'} " for name in own)
        + f"| {start:,} | {c['steps']:,} | {c['size']} px | {c['batch_size']} | {c['lr']:g} "
        f"| {c['extra_share']:.0%} | {c.get('aged_share', 0.5):.0%} "
        f"| {c.get('rebalance') or '–'} | {c['cooldown'] or '–'} | {c['hours']:.2f} "
        f"| {c['hardware']} |"
        for c, start in zip(segments, before, strict=False)
    ]
    return "\n".join(lines) + "\n"


def course(folder: Path) -> list[str]:
    """The course of loss and validation, from the training's curves.csv beside the weights."""
    path = folder / "curves.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [name for name in rows[0] if re.fullmatch(COURSE, name)]
    cells = [[f"{float(row[n]):,.4g}" if row[n] else "–" for n in shown] for row in rows]
    seen = [[f"{int(row['photographs']):,}"] for row in rows]
    table = grid(["photographs seen", *shown], (a + b for a, b in zip(seen, cells, strict=True)))
    return [
        "How it went. `val_…` and `true_…` are of photographs kept apart, as they are; the rest is "
        f"of the training's own crops, some of them aged.\n\n{table}\n"
    ]


def quality(results: dict) -> str:
    """Make one table per set of photographs, as ``train.evaluate`` measured them."""
    if not results:
        return "Not measured yet.\n"
    parts = []
    for name, result in results.items():
        about = result["about"]
        sizes = ", ".join(f"{v} px" for v in dict.fromkeys(about["working_size"].values()) if v)
        parts.append(
            f"**{name}**: {about['photographs']:,} photographs, {shape(about)}, network at "
            f"{sizes or 'its own size'}{rebalanced_by(about)}.\n\n{table(titled(result['rows']))}\n"
        )
        beside = [f"`{name}` ({n:,} photographs seen)" for name, n in about.get("seen", {}).items()]
        if beside:
            parts.append(f"Trainings beside it, for comparison: {', '.join(beside)}.\n")
        parts += [f"{sentence}\n" for sentence in notes_on_networks(about)]
    return "\n".join(parts)


def pictures(folder: Path) -> list[str]:
    """The sheet of samples (``python -m train.publish.contact_sheet --samples 4``), if it lies in the folder."""
    if not (folder / "samples.jpg").is_file():
        return []
    return [
        "Photographs that it was not trained on: grey, samples of seeds that follow one another, "
        "the original.\n\n![Grey, samples and originals](samples.jpg)\n"
    ]


def write(folder: Path) -> None:
    """Put the card into the folder, whole or not at all."""
    replace_text(folder / "README.md", card(folder))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    args = parser.parse_args(argv)
    for folder in args.folders:
        write(folder)


if __name__ == "__main__":
    main()
