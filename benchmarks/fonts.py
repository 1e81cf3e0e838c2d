"""Accuracy on printed digits: 0 to 9 in every font of a folder, through the code that the service uses.

`python -m benchmarks.fonts --fonts DIR` prints a table and a JSON line. Training draws with Computer Modern, STIX and
Pillow's own font, so a folder of other ones is wanted, such as `/usr/share/fonts` with some of Debian's font packages.
"""

import argparse
import json
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.lenet.decoding.decoder import DecodedImage, ImageSource
from app.lenet.image_types import GreyImage
from app.lenet.inference.answer import Answer, answer
from app.lenet.inference.preprocessing import preprocess
from benchmarks.shipped import shipped_predictor

DIGITS = "0123456789"
SUFFIXES = {".ttf", ".otf"}
SIDE, HEIGHT = 120, 80  # pixels


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fonts", description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True, help="folder of TrueType and OpenType fonts")
    parser.add_argument(
        "--skip", nargs="*", default=[], help="file names without suffix, of fonts that draw other things"
    )
    parser.add_argument("--artifact", default="robust")
    options = parser.parse_args()
    predictor = shipped_predictor(options.artifact)
    right: dict[str, list[bool]] = {digit: [] for digit in DIGITS}
    sure, taken = [], []
    for path, pictures in faces(options.fonts, options.skip):
        source = ImageSource("PNG", width=SIDE, height=SIDE, frames=1)
        prepared = [preprocess(DecodedImage(grey, source), "auto", predictor.card.input.size) for grey in pictures]
        for digit, found in zip(DIGITS, answer(predictor, prepared), strict=True):
            right[digit].append(is_right := found.prediction.digit == int(digit))
            if not found.reasons:
                sure.append(is_right)
            if not is_right:
                taken.append(f"{path.stem}: {digit} taken for {found.prediction.digit}{_doubt(found)}")
    every = [one for row in right.values() for one in row]
    fonts = len(right["0"])
    if not fonts:
        raise SystemExit(f"no font with digits under {options.fonts}")
    print("\n".join(taken))
    print("| digit | fonts | accuracy |\n|---|---|---|")
    for digit, row in right.items():
        print(f"| {digit} | {fonts} | {np.mean(row):.1%} |")
    record = {
        "fonts": fonts,
        "accuracy": float(np.mean(every)),
        "sure": len(sure) / len(every),
        "error_of_sure": 1 - float(np.mean(sure)) if sure else 0.0,
    }
    print(f"| all | {fonts} | {record['accuracy']:.2%} |")
    print(json.dumps({"benchmark": "fonts", "artifact": predictor.card.name} | record))


def faces(folder: Path, skip: Collection[str] = ()) -> Iterator[tuple[Path, list[GreyImage]]]:
    """Yield each font under `folder` that has ten digits unlike another font's, with a picture of each digit."""
    seen = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or path.stem in skip:
            continue
        font = ImageFont.truetype(str(path), HEIGHT)
        pictures = [picture(font, digit) for digit in DIGITS]
        drawn = [one.tobytes() for one in pictures]
        # A font without digits draws the same box for each.
        if len(set(drawn)) == len(DIGITS) and tuple(drawn) not in seen:
            seen.add(tuple(drawn))
            yield path, pictures


def picture(font: ImageFont.FreeTypeFont, digit: str) -> GreyImage:
    """Return one digit, black in the middle of white paper: (120, 120)."""
    page = Image.new("L", (SIDE, SIDE), 255)
    ImageDraw.Draw(page).text((SIDE / 2, SIDE / 2), digit, 0, font, anchor="mm")
    return np.asarray(page)


def _doubt(found: Answer) -> str:
    return f", unsure ({', '.join(found.reasons)})" if found.reasons else ""


if __name__ == "__main__":
    main()
