"""The evaluation's results for people: Markdown, CSV, and a page of figures."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from colorizer import checkpoints

# figure → (heading, format); a figure that was not measured is a dash
COLUMNS = {
    "psnr": ("PSNR", "{:.2f}"),
    "ssim": ("SSIM", "{:.3f}"),
    "lpips": ("LPIPS", "{:.3f}"),
    "colorfulness_share": ("colourfulness share", "{:.2f}"),
    "sharpness_share": ("sharpness share", "{:.2f}"),
    "auc_raw": ("AuC raw", "{:.2f}"),
    "auc_rebalanced": ("AuC rebalanced", "{:.2f}"),
    "classifier_agreement": ("classifier agrees", "{:.3f}"),
    "top1": ("top-1", "{:.3f}"),
    "top5": ("top-5", "{:.3f}"),
    "pixel_accuracy": ("pixel accuracy", "{:.3f}"),
    "inception_score": ("Inception Score", "{:.2f}"),
    "frechet_distance": ("Fréchet distance", "{:.1f}"),
    "pairwise_distance": ("pairwise ab distance", "{:.2f}"),
    "best_of_n_error": ("best-of-n ab error", "{:.2f}"),
    "seconds": ("seconds", "{:.2f}"),
}
COLORS = ("#4c6ef5", "#f76707", "#0ca678", "#ae3ec9", "#e03131", "#1098ad", "#9c6c00", "#5c940d")


def heading(about: dict) -> str:
    """One line on what was measured."""
    size = about["size"]
    shape = "whole" if size == "own" else f"{size} px squares"
    aged = ", seen faded, grainy or soft" if about.get("aged") else ""
    return (
        f"{about['photographs']:,} photographs of {', '.join(about['from'])}, {shape}{aged}; "
        f"rebalanced AuC by {about['rebalancing_prior']}, λ = 0"
    )


def used_columns(table: dict[str, dict]) -> list[str]:
    return [c for c in COLUMNS if any(row.get(c) is not None for row in table.values())]


def grid(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def between(text: str, begin: str, end: str, new: str) -> str:
    """``text`` with ``new`` between two markers.  Raises ValueError where they are missing."""
    if begin not in text or end not in text:
        raise ValueError(f"There are no markers for it: {begin} … {end}.")
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n\n{new}\n\n{end}{rest.split(end, 1)[1]}"


def markdown(table: dict[str, dict[str, float | None]], without: tuple[str, ...] = ()) -> str:
    """The table for people."""
    used = [c for c in used_columns(table) if c not in without]
    rows = ((name, *(cell(row, c) for c in used)) for name, row in table.items())
    return grid(("", *(COLUMNS[c][0] for c in used)), rows)


def cell(row: dict, column: str) -> str:
    return COLUMNS[column][1].format(row[column]) if row.get(column) is not None else "–"


def record(folder: Path, name: str, result: dict, keep: Sequence[str] = ()) -> None:
    """Put ``result`` under ``name`` into the folder's metrics.json; atomic.

    keep: of what stands there, rows of these trainings that ``result`` has none of.
    """
    path = folder / "metrics.json"
    stored = json.loads(path.read_text()) if path.exists() else {}
    about, rows = dict(result["about"]), dict(result["rows"])
    if keep and name in stored:
        before = stored[name]
        seen = {k: v for k, v in before["about"].get("seen", {}).items() if k in keep}
        about["seen"] = seen | about.get("seen", {})
        for row, figures in before["rows"].items():
            if ", " in row and row.split(", ")[0] in keep:
                rows.setdefault(row, figures)
    stored[name] = {"about": about, "rows": rows}
    replace_text(path, json.dumps(stored, indent=1, ensure_ascii=False) + "\n")


def replace_text(path: Path, text: str) -> None:
    """Write a text file; it appears whole or stays what it was."""
    checkpoints.replace(path, text.encode())


def write(
    folder: Path,
    result: dict,
    details: dict,
    machines: dict,
    source,
    settings_of: Callable,
) -> None:
    """figures.json, figures.csv, figures.md and figures.html in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = result | {"details": details}
    replace_text(folder / "figures.json", json.dumps(everything, indent=1, ensure_ascii=False))
    used = used_columns(result["rows"])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", *used])
    for name, row in result["rows"].items():
        writer.writerow([name, *(row.get(c) for c in used)])
    replace_text(folder / "figures.csv", text.getvalue())
    table = f"{heading(result['about'])}\n\n{markdown(result['rows'])}\n"
    replace_text(folder / "figures.md", table)
    replace_text(folder / "figures.html", page(result, details, machines, source, settings_of))


# --- the page of figures ------------------------------------------------------------------------


def page(result: dict, details: dict, machines: dict, source, settings_of: Callable) -> str:
    """One self-contained HTML page: table, curves, saturation, sources, best and worst."""
    rows = result["rows"]
    used = used_columns(rows)
    shown = {
        name: d
        for name, d in details.items()
        if d and (name in ("ground truth", "grey", "mean colour") or name.endswith("default"))
    }
    curves = {n: d for n, d in shown.items() if n != "ground truth"}
    parts = [
        "<!doctype html><meta charset='utf-8'><title>Colorizer: figures</title>",
        "<meta name='viewport' content='width=device-width'>",
        f"<style>{STYLE}</style>",
        f"<h1>Figures</h1><p>{html.escape(heading(result['about']))}</p>",
        "<div class='wide'><table><tr><th></th>",
        *(f"<th>{COLUMNS[c][0]}</th>" for c in used),
        "</tr>",
        *(
            f"<tr><th>{html.escape(name)}</th>"
            + "".join(f"<td>{cell(row, c)}</td>" for c in used)
            + "</tr>"
            for name, row in rows.items()
        ),
        "</table></div>",
        "<h2>Share of pixels within a distance of the truth</h2>",
        plot({n: d["curve_raw"][:80] for n, d in curves.items()}, "ab distance"),
        "<h2>The same, rare colours weighing as much as common ones</h2>",
        plot({n: d["curve_rebalanced"][:80] for n, d in curves.items()}, "ab distance"),
        "<h2>How often a saturation occurs (logarithm; Zhang et al. 2016, marginal statistics)</h2>",
        plot(
            {n: [np.log10(max(x, 1e-6)) for x in d["saturation"][:110]] for n, d in shown.items()},
            "chroma",
        ),
        "<h2>By source</h2>",
        sources(shown),
    ]
    for name, machine in machines.items():
        key = f"{name}, default"
        if key in details and "default" in settings_of(machine.approach):
            parts.append(best_and_worst(name, details[key], machine, source))
    return "".join(parts)


STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { border-bottom: 1px solid #ddd; padding: .2rem .6rem; text-align: right }
th:first-child { text-align: left; font-weight: 500 }
.wide { overflow-x: auto }
svg { max-width: 100%; height: auto }
figure { display: inline-block; margin: .3rem }
figcaption { font-size: .8rem; color: #555; max-width: 24rem; overflow-wrap: anywhere }
"""


def plot(series: dict[str, list[float]], label: str) -> str:
    """Lines as SVG, named at the right."""
    if not series:
        return ""
    width, height, left, bottom = 640, 300, 40, 30
    low = min(min(v) for v in series.values())
    high = max(max(v) for v in series.values())
    span = max(high - low, 1e-9)
    lines = []
    for k, (name, values) in enumerate(series.items()):
        color = COLORS[k % len(COLORS)]
        points = " ".join(
            f"{left + i * (width - left) / max(len(values) - 1, 1):.1f},"
            f"{10 + (height - bottom - 10) * (1 - (v - low) / span):.1f}"
            for i, v in enumerate(values)
        )
        lines.append(f"<polyline points='{points}' fill='none' stroke='{color}' stroke-width='2'/>")
        y = 24 + 20 * k
        lines.append(
            f"<rect x='{width + 12}' y='{y - 10}' width='12' height='12' fill='{color}'/>"
            f"<text x='{width + 30}' y='{y}'>{html.escape(name)}</text>"
        )
    count = len(next(iter(series.values())))
    return (
        f"<svg viewBox='0 0 {width + 260} {max(height, 40 + 20 * len(series))}' font-size='13'>"
        + "".join(lines)
        + f"<text x='{left}' y='{height - 8}'>0</text>"
        f"<text x='{width - 20}' y='{height - 8}'>{count - 1}</text>"
        f"<text x='{width / 2}' y='{height - 8}'>{label}</text>"
        f"<text x='0' y='18'>{high:.2f}</text>"
        f"<text x='0' y='{height - bottom}'>{low:.2f}</text></svg>"
    )


def sources(shown: dict[str, dict]) -> str:
    """PSNR and AuC raw of every row by where the photographs are from."""
    names = sorted({s for d in shown.values() for s in d["sources"]})
    lines = ["<div class='wide'><table><tr><th></th>"]
    lines += [f"<th>{html.escape(s)}</th>" for s in names] + ["</tr>"]
    for name, d in shown.items():
        cells = []
        for s in names:
            found = d["sources"].get(s)
            psnr = "–" if not found or found["psnr"] is None else f"{found['psnr']:.2f}"
            cells.append(f"<td>{psnr} / {found['auc_raw']:.1f}</td>" if found else "<td>–</td>")
        lines.append(f"<tr><th>{html.escape(name)}</th>{''.join(cells)}</tr>")
    return "".join(lines) + "</table></div><p>PSNR / AuC raw.</p>"


def best_and_worst(name: str, detail: dict, machine, source) -> str:
    """The photographs where an approach gains most and loses most against grey."""
    wanted = detail["best"] + detail["worst"]
    pictures = source.find(wanted)
    parts = []
    for title, names in (("gains most", detail["best"]), ("loses most", detail["worst"])):
        parts.append(f"<h2>{html.escape(name)}: where it {title} against grey</h2>")
        for each in names:
            if each not in pictures:
                continue
            original = pictures[each].original
            result = np.asarray(machine.colorize(original.copy()).convert("RGB"))
            strip = np.concatenate((result, original), axis=1)
            parts.append(
                f"<figure><img alt='{html.escape(each)}: result and original' "
                f"src='{data_url(strip)}'><figcaption>{html.escape(each)}: result, original"
                "</figcaption></figure>"
            )
    return "".join(parts)


def data_url(pixels: np.ndarray, longest: int = 384) -> str:
    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
