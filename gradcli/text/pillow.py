"""Pillow, which is loaded where a PNG is written and nowhere else (`pip install 'gradcli[png]'`)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from gradcli.errors import GradcliError


def canvas(width: int, height: int) -> tuple[Any, Any]:
    """A white image of so many pixels, and what draws on it.

    Raises:
        GradcliError: `io`, where Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise GradcliError(
            "io", "PNG needs Pillow", hint="pip install 'gradcli[png]', or write .svg"
        ) from None
    image = Image.new("RGB", (width, height), "white")
    return image, ImageDraw.Draw(image)


def shrunk(image: Any, times: int) -> tuple[Any, Any]:
    """An image so many times smaller, and what draws on it."""
    from PIL import Image, ImageDraw

    width, height = image.size
    image = image.resize((width // times, height // times), Image.Resampling.LANCZOS)
    return image, ImageDraw.Draw(image)


def font(size: int) -> Any:
    """The font that comes with Pillow, in pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def png(image: Any) -> bytes:
    """An image as PNG."""
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
