"""Every labelled picture of several digits beside its reading: contact sheets as PNG and an HTML page, errors first."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from training.evaluation.strings import Read, StringScore, as_table

PAGE = "index.html"

_TILE = 360  # pixels a side of a picture on a sheet; the caption is below
_CAPTION = 76
_COLUMNS = 4
_ROWS = 4
_LONGEST = 44  # characters of a line of the caption
_SURE, _UNSURE, _WRONG = "#087f23", "#c77700", "#c62828"

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 95rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .15rem .6rem; text-align: left; border-bottom: 1px solid #8884 }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere } .wrong { color: #c62828 } img { max-width: 100% }
"""


def write_strings_page(reads: Sequence[Read], rows: Sequence[StringScore], title: str, folder: Path) -> Path:
    """Write the sheets and the page that shows them into `folder`; return the page's path.

    Digits are boxed in green, unsure ones in amber. Pictures with most errors come first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(reads, key=lambda read: (-read.edits, read.sure, read.labelled.path.name))
    for old in folder.glob("sheet-*.png"):
        old.unlink()
    sheets = []
    for number, at in enumerate(range(0, len(ordered), _COLUMNS * _ROWS), start=1):
        sheets.append(f"sheet-{number}.png")
        _sheet(ordered[at : at + _COLUMNS * _ROWS]).save(folder / sheets[-1])
    page = folder / PAGE
    page.write_text(_html(ordered, rows, title, sheets), encoding="utf-8")
    return page


def _sheet(reads: Sequence[Read]) -> Image.Image:
    rows = -(-len(reads) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _TILE, rows * (_TILE + _CAPTION)), "white")
    for number, read in enumerate(reads):
        sheet.paste(_tile(read), (number % _COLUMNS * _TILE, number // _COLUMNS * (_TILE + _CAPTION)))
    return sheet


def _tile(read: Read) -> Image.Image:
    tile = Image.new("RGB", (_TILE, _TILE + _CAPTION), "white")
    draw = ImageDraw.Draw(tile)
    with Image.open(read.labelled.path) as opened:
        flat = opened.convert("RGBA") if "transparency" in opened.info or opened.mode.endswith("A") else opened
        backed = Image.alpha_composite(Image.new("RGBA", flat.size, "white"), flat) if flat.mode == "RGBA" else flat
        picture = ImageOps.exif_transpose(backed.convert("RGB"))
    scale = min((_TILE - 6) / picture.width, (_TILE - 6) / picture.height)
    tile.paste(picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))), (3, 3))
    font = ImageFont.load_default(12)
    for line in read.lines:
        for seen in line:
            colour = _UNSURE if seen.unsure else _SURE
            left, top = 3 + seen.box.x * scale, 3 + seen.box.y * scale
            right, bottom = left + seen.box.width * scale, top + seen.box.height * scale
            draw.rectangle((left, top, right, bottom), outline=colour)
            draw.text((left, max(bottom, 0)), seen.digit, colour, font, stroke_width=2, stroke_fill="white")
    colour = _WRONG if read.edits else _SURE
    captions = (
        f"{read.labelled.path.name}: {read.edits} errors{', sure' if read.sure else ''}",
        _shortened("|".join(read.labelled.lines)),
        _shortened("|".join("".join(seen.digit for seen in line) for line in read.lines)),
    )
    for number, caption in enumerate(captions):
        draw.text((4, _TILE + 4 + 22 * number), caption, colour, ImageFont.load_default(14))
    return tile


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _html(reads: Sequence[Read], rows: Sequence[StringScore], title: str, sheets: Sequence[str]) -> str:
    lines = "\n".join(_row(read) for read in reads)
    pictures = "\n".join(
        f'<p><img src="{sheet}" alt="pictures, their digits boxed, and readings"></p>' for sheet in sheets
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>
<h1>{escape(title)}</h1>
<pre>{escape(as_table(rows))}</pre>
{pictures}
<table><tr><th>file<th>subset<th>errors<th>sure<th>truth<th>reading</tr>
{lines}
</table></html>
"""


def _row(read: Read) -> str:
    cells = (
        read.labelled.path.name,
        read.labelled.subset,
        str(read.edits),
        "yes" if read.sure else "no",
        "|".join(read.labelled.lines),
        "|".join("".join(seen.digit for seen in line) for line in read.lines),
    )
    kind = ' class="wrong"' if read.edits else ""
    return f"<tr{kind}>" + "".join(f"<td>{escape(cell)}" for cell in cells) + "</tr>"
