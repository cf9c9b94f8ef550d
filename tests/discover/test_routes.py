"""Routes to a shortlist."""

from __future__ import annotations

import pandas as pd
import pytest

from hanten.discover import DiscoverConfig
from hanten.discover.routes import read_routes, route_columns, route_fragments, shortlist_routes, write_routes
from hanten.errors import ConfigError
from hanten.runs import RunFolder

SHORT = pd.DataFrame({"rank": [1, 2, 3], "canonical": ["*CC(*)c1ccccc1", "*C#C*", "*CC(*)C"]})


@pytest.fixture(scope="module")
def routes():
    return shortlist_routes(SHORT["canonical"][:2])


def test_columns_say_what_can_be_bought(routes):
    table = route_columns(SHORT, routes)
    assert table["route"].tolist() == ["C=Cc1ccccc1", None, None]
    assert table["purchasable"].tolist() == [True, False, None]


def test_fragments_tell_each_candidate(routes):
    text = "".join(fragment.html for fragment in route_fragments(SHORT, routes))
    for words in (
        "<svg",
        "vinyl addition",
        "no rule makes it",
        "no time to look",
        "For 1 of 3",
        "Only polymerisation rules",
    ):
        assert words in text
    assert "not looked for" in route_fragments(SHORT, {})[0].html


def test_routes_are_kept_in_the_run(routes, tmp_path):
    folder = RunFolder(tmp_path / "run")
    write_routes(folder, routes)
    assert read_routes(folder) == routes
    assert read_routes(RunFolder(tmp_path / "other")) == {}


def test_no_time_no_routes():
    assert shortlist_routes(["*CC*"], seconds=0) == {}
    with pytest.raises(ConfigError):
        DiscoverConfig(route_seconds=-1)


@pytest.mark.slow
def test_the_learned_model_makes_what_no_documented_reaction_does(tmp_path):
    stock, polymer = tmp_path / "shelf.csv", "*CC(*)c1ccc(C#N)cc1"
    stock.write_text("smiles\nN#Cc1ccc(Br)cc1\nC=CB1OC(C)(C)C(C)(C)O1\n", encoding="utf-8")
    plain, learned = (
        shortlist_routes([polymer, "*CC(*)c1ccccc1"], str(stock), 100.0, learned=asked)
        for asked in (False, True)
    )
    assert not plain[polymer][0].solved
    assert learned[polymer][0].solved
    assert [step.kind for step in learned[polymer][0].reactions] == ["polymerisation", "model"]
    short = pd.DataFrame({"rank": [1], "canonical": [polymer]})
    text = route_fragments(short, learned, learned=True)[-1].html
    assert "1 of these routes use it" in text
