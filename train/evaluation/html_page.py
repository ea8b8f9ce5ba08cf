"""The evaluation's results as one self-contained HTML page of tables, curves and photographs."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PIL import Image

import colorizer

from . import results
from .pictures import Picture
from .report import COLUMNS, cell, heading, used_columns
from .results import RowKey

COLORS = ("#4c6ef5", "#f76707", "#0ca678", "#ae3ec9", "#e03131", "#1098ad", "#9c6c00", "#5c940d")
SHOWN_BASELINES = (results.GROUND_TRUTH, results.GREY, results.MEAN_COLOUR)
NEAR = 80  # ab distance up to which the curves are drawn
MOST_CHROMA = 110  # … and the saturations


def page(about: dict, rows: results.Table, details: Mapping[RowKey, dict]) -> str:
    """Everything but the photographs: table, curves, saturation, sources."""
    shown = {
        key.title: detail
        for key, detail in details.items()
        if detail and (key in SHOWN_BASELINES or key.setting == results.DEFAULT)
    }
    curves = {n: d for n, d in shown.items() if n != results.GROUND_TRUTH.title}
    saturation = {
        name: np.log10(np.maximum(detail["saturation"][:MOST_CHROMA], 1e-6)).tolist()
        for name, detail in shown.items()
    }
    parts = [
        "<!doctype html><meta charset='utf-8'><title>Colorizer: metrics</title>",
        "<meta name='viewport' content='width=device-width'>",
        f"<style>{STYLE}</style>",
        f"<h1>Metrics</h1><p>{html.escape(heading(about))}</p>",
        whole_table(rows),
        "<h2>Share of pixels within a distance of the truth</h2>",
        plot({n: d["curve_raw"][:NEAR] for n, d in curves.items()}, "ab distance"),
        "<h2>The same, rare colours weighing as much as common ones</h2>",
        plot({n: d["curve_rebalanced"][:NEAR] for n, d in curves.items()}, "ab distance"),
        "<h2>How often a saturation occurs (logarithm; Zhang et al. 2016, marginal statistics)</h2>",
        plot(saturation, "chroma"),
        "<h2>By source</h2>",
        sources(shown),
    ]
    return "".join(parts)


def whole_table(rows: results.Table) -> str:
    """All rows and columns."""
    used = used_columns(rows)
    heads = [COLUMNS[c][0] for c in used]
    cells = {key.title: [cell(row, c) for c in used] for key, row in rows.items()}
    return html_table(heads, cells)


def html_table(heads: Sequence[str], rows: Mapping[str, Iterable[str]]) -> str:
    """A table that scrolls by itself; rows: title → cells."""
    lines = "".join(
        f"<tr><th>{html.escape(title)}</th>"
        + "".join(f"<td>{html.escape(text)}</td>" for text in cells)
        + "</tr>"
        for title, cells in rows.items()
    )
    head = "".join(f"<th>{html.escape(text)}</th>" for text in heads)
    return f"<div class='wide'><table><tr><th></th>{head}</tr>{lines}</table></div>"


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


def sources(shown: Mapping[str, dict]) -> str:
    """PSNR and AuC raw of every row by where the photographs are from."""
    names = sorted({source for detail in shown.values() for source in detail["sources"]})
    cells = {
        title: [of_source(detail["sources"].get(name)) for name in names]
        for title, detail in shown.items()
    }
    return html_table(names, cells) + "<p>PSNR / AuC raw.</p>"


def of_source(found: dict | None) -> str:
    """A cell of the table of sources."""
    if not found:
        return "–"
    psnr = "–" if found["psnr"] is None else f"{found['psnr']:.2f}"
    return f"{psnr} / {found['auc_raw']:.1f}"


def best_and_worst(
    name: str, detail: dict, model: colorizer.Colorizer, pictures: Mapping[str, Picture]
) -> str:
    """The photographs where an approach gains most and loses most against grey."""
    parts = []
    for title, names in (("gains most", detail["best"]), ("loses most", detail["worst"])):
        parts.append(f"<h2>{html.escape(name)}: where it {title} against grey</h2>")
        for each in (n for n in names if n in pictures):
            original = pictures[each].original
            result = np.asarray(model.colorize(original.copy()).convert("RGB"))
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
