"""Pictures made of pictures, for sharing: before and after, the contact sheet of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

GAP = 24
INK, PAPER, FAINT = "#1c1c1c", "#ffffff", "#595959"
SHARED_SIDE = 1600  # px, longer side of each picture of before and after


def before_after(grey: Image.Image, color: Image.Image, title: str, footer: str) -> Image.Image:
    """Grey and colour beside each other, a wide photograph above one another."""
    columns = 1 if grey.width > 1.3 * grey.height else 2
    return arrange([(grey, "Before"), (color, title)], columns, footer)


def arrange(pictures: Sequence[tuple[Image.Image, str]], columns: int, footer: str) -> Image.Image:
    """Pictures of one size in rows of ``columns``, each with a line below it, and a last line."""
    width, height = pictures[0][0].size
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    text = max(15, round(width / 28))
    line = round(text * 1.9)
    total = (
        columns * (width + GAP) + GAP,
        rows * (height + line + GAP // 2) + GAP + line,
    )
    sheet = Image.new("RGB", total, PAPER)
    draw = ImageDraw.Draw(sheet)
    for i, (picture, words) in enumerate(pictures):
        x = GAP + i % columns * (width + GAP)
        y = GAP + i // columns * (height + line + GAP // 2)
        sheet.paste(_opaque(picture), (x, y))
        _write(draw, (x, y + height + line // 2), words, text, INK, width)
    _write(draw, (GAP, total[1] - line // 2 - GAP // 3), footer, round(text * 0.8), FAINT,
           total[0] - 2 * GAP)  # fmt: skip
    return sheet


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], words: str, size: int, ink: str, width: int
) -> None:
    """One line of text, made smaller until it fits."""
    font = ImageFont.load_default(size)
    while size > 9 and draw.textlength(words, font=font) > width:
        size -= 1
        font = ImageFont.load_default(size)
    draw.text(at, words, fill=ink, font=font, anchor="lm")


def _opaque(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, PAPER), picture).convert("RGB")
