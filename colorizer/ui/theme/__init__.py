"""The look: neutral greys, so that the only colour on the page is the photograph's.

A tinted frame shifts how the eye judges colour, so greys here are truly neutral; one accent, the
orange of a darkroom lamp, marks what is on.  Contrasts are at least WCAG AA in light and dark.
Fonts come with Gradio's package; nothing is fetched from elsewhere.
"""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr
from gradio.themes.utils.colors import Color
from gradio.themes.utils.fonts import LocalFont

from ..languages import gradio

HERE = Path(__file__).parent
TABS = HERE.parent / "tabs"
# Shared with the page in web/.
TOKENS = json.loads((HERE / "tokens.json").read_text(encoding="utf-8"))
DARK, LIGHT = TOKENS["dark"], TOKENS["light"]
GREY = Color(name="paper", **TOKENS["paper"])
LAMP = Color(name="lamp", **TOKENS["lamp"])
# Of the fonts in Gradio's package, these two are whole; most others lack most letters.
BODY = LocalFont("Source Sans Pro", weights=(400, 700))
MONO = LocalFont("IBM Plex Mono", weights=(400, 700))
# In this order: what holds for small screens comes last.
SHEETS = ("shared", "page", "stage", "knobs", "tiles", "points", "viewer", "phone")
SCRIPTS = tuple(HERE / f"{name}.js" for name in ("page", "viewer"))
ICON = str(HERE / "icon.png")


def theme() -> gr.themes.Base:
    """Gradio's own parts in these colours."""
    base = gr.themes.Base(
        primary_hue=LAMP,
        secondary_hue=LAMP,
        neutral_hue=GREY,
        text_size="md",
        spacing_size="md",
        radius_size="md",
        font=(BODY, "ui-sans-serif", "system-ui", "sans-serif"),
        font_mono=(MONO, "ui-monospace", "monospace"),
    )
    return base.set(
        body_background_fill="*neutral_100",
        body_background_fill_dark="*neutral_950",
        body_text_color="*neutral_900",
        body_text_color_dark=DARK["text"],
        body_text_color_subdued=LIGHT["subdued"],
        body_text_color_subdued_dark=DARK["subdued"],
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_color="*neutral_200",
        block_border_color_dark=DARK["border"],
        block_border_width="1px",
        block_border_width_dark="1px",
        block_shadow="none",
        block_radius="10px",
        block_info_text_color=LIGHT["subdued"],
        block_info_text_color_dark=DARK["subdued"],
        block_info_text_size="*text_sm",
        block_title_text_color="*neutral_900",
        block_title_text_color_dark=DARK["text"],
        block_title_text_weight="600",
        block_title_text_size="*text_md",
        block_title_background_fill="transparent",
        block_title_background_fill_dark="transparent",
        block_title_padding="0",
        background_fill_primary="white",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary="*neutral_50",
        background_fill_secondary_dark="#191919",
        border_color_primary="*neutral_200",
        border_color_primary_dark=DARK["border"],
        border_color_accent="*primary_600",
        border_color_accent_dark="*primary_400",
        color_accent="*primary_600",
        color_accent_soft="*primary_50",
        color_accent_soft_dark="#2c2019",
        link_text_color="*primary_600",
        link_text_color_dark="*primary_400",
        link_text_color_hover="*primary_700",
        link_text_color_hover_dark="*primary_300",
        link_text_color_visited="*primary_600",
        link_text_color_visited_dark="*primary_400",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
        loader_color="*primary_600",
        loader_color_dark="*primary_400",
        input_background_fill="white",
        input_background_fill_dark=DARK["input"],
        input_border_color="*neutral_400",
        input_border_color_dark=DARK["input-border"],
        input_border_color_focus="*primary_600",
        input_border_color_focus_dark="*primary_400",
        input_shadow="none",
        input_shadow_focus="none",
        button_primary_background_fill="*neutral_900",
        button_primary_background_fill_dark=DARK["text"],
        button_primary_background_fill_hover="*neutral_700",
        button_primary_background_fill_hover_dark="white",
        button_primary_text_color="white",
        button_primary_text_color_dark="*neutral_950",
        button_primary_border_color="*neutral_900",
        button_primary_border_color_dark=DARK["text"],
        button_secondary_background_fill="white",
        button_secondary_background_fill_dark=DARK["input"],
        button_secondary_background_fill_hover="*neutral_100",
        button_secondary_background_fill_hover_dark=DARK["border"],
        button_secondary_text_color="*neutral_900",
        button_secondary_text_color_dark=DARK["text"],
        button_secondary_border_color="*neutral_400",
        button_secondary_border_color_dark=DARK["input-border"],
        button_border_width="1px",
        button_large_radius="8px",
        button_large_text_weight="600",
        button_large_text_size="*text_md",
        button_large_padding="9px 16px",
        checkbox_label_background_fill="white",
        checkbox_label_background_fill_dark=DARK["input"],
        checkbox_label_background_fill_selected="*neutral_900",
        checkbox_label_background_fill_selected_dark=DARK["text"],
        checkbox_label_text_color_selected="white",
        checkbox_label_text_color_selected_dark="*neutral_950",
        checkbox_label_border_color="*neutral_400",
        checkbox_label_border_color_dark=DARK["input-border"],
        checkbox_label_border_color_selected="*neutral_900",
        checkbox_label_border_color_selected_dark=DARK["text"],
        checkbox_label_border_width="1px",
        checkbox_label_border_width_dark="1px",
        checkbox_label_shadow="none",
        checkbox_label_padding="5px 11px",
        layout_gap="16px",
    )


def head() -> str:
    """Style rules beyond the theme's variables and Gradio's components.

    Gradio's own ``css`` parameter makes every selector but those inside @media more specific, so
    that a style sheet means something else than it says.
    """
    # The page's own style first, then that of single tabs, which lies beside each tab.
    sheets = [*(HERE / f"{name}.css" for name in SHEETS), *sorted(TABS.rglob("*.css"))]
    style = _variables() + "".join(path.read_text(encoding="utf-8") for path in sheets)
    script = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    return f"<style>{style}</style><script>{script}</script>"


def scripted() -> list[str]:
    """Texts that the page's scripts say."""
    return gradio.scripted(*(path.read_text(encoding="utf-8") for path in SCRIPTS))


def _variables() -> str:
    """The tokens that the style sheets use and Gradio's theme has no name for."""
    rules = []
    for selector, tokens in ((":root", LIGHT), (":root body.dark", DARK)):
        values = "".join(f"--{name}: {tokens[name]};" for name in ("stage", "title"))
        rules.append(f"{selector} {{ {values} --color-accent: {tokens['accent']}; }}")
    return "\n".join(rules)
