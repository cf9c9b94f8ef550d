"""Draw the README's picture from a finished discovery: ``python docs/make_picture.py runs/<folder>``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from hanten.chem import draw
from hanten.discover import open_discovery
from hanten.discover.wording import mean_and_sd
from hanten.report import figures
from hanten.report.style import to_svg

WIDTH, HEIGHT = 1180, 420


def main(run: str) -> None:
    """Left: prior and posterior of the first property. Right: four of the shortlist."""
    found = open_discovery(run)
    name, region = next(iter(found.regions.items()))
    column = f"{name}_mean"
    left = figures.prior_against_posterior(
        {name: found.prior[column]}, {name: found.library[column]}, {name: region}
    )
    short = found.shortlist.head(4)
    legends = [mean_and_sd(name, row[column], row[f"{name}_sd"]) for _, row in short.iterrows()]
    right = draw(list(short["canonical"]), legends=legends, columns=2, size=(310, 200))
    parts = [place(to_svg(left), 0, 20, 540, 380), place(right, 560, 10, 620, 400)]
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    picture = Path(__file__).with_name("picture.svg")
    picture.write_text(text + "".join(parts) + "</svg>\n", encoding="utf-8")
    print(picture)


def place(svg: str, x: int, y: int, width: int, height: int) -> str:
    """An SVG as a nested element at a place and size."""
    svg = re.sub(r"^.*?(?=<svg)", "", svg, flags=re.DOTALL)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', head)
    names = " ".join(re.findall(r'xmlns(?::\w+)?="[^"]+"', head))
    return f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box[1]}" {names}>{rest}'


if __name__ == "__main__":
    main(sys.argv[1])
