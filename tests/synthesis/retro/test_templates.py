import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from hanten.errors import BundleError
from hanten.synthesis.retro.build_templates import cores_of, matches
from hanten.synthesis.retro.classes import UNKNOWN, Classifier, disconnection
from hanten.synthesis.retro.library import CLASSES, load_templates, save_templates
from hanten.synthesis.retro.novelty import digest, is_known, save_known
from hanten.synthesis.retro.transform import Transform, by_maps, canonical_order, core
from hanten.synthesis.retro.undo import pattern, undo

AMIDE = ("[CH3:1][C:2](=[O:3])O.[NH2:4][CH2:5][CH3:6]", "[CH3:6][CH2:5][NH:4][C:2](=[O:3])[CH3:1]")
REACTIONS = {
    "amide": AMIDE,
    "Suzuki": (
        "Br[c:1]1[cH:2][cH:3][n:4][cH:5][cH:6]1.OB(O)[c:7]1[cH:8][cH:9][cH:10][cH:11][cH:12]1",
        "[c:1]1(-[c:7]2[cH:8][cH:9][cH:10][cH:11][cH:12]2)[cH:2][cH:3][n:4][cH:5][cH:6]1",
    ),
    "reduction": (
        "O=[N+:1](O)[c:2]1[cH:3][cH:4][cH:5][cH:6][cH:7]1".replace("(O)", "([O-])"),
        "[NH2:1][c:2]1[cH:3][cH:4][cH:5][cH:6][cH:7]1",
    ),
    "ring": (
        "[CH3:1][C:2](=O)[CH2:3][C:4](=O)[CH3:5].[NH2:6][NH2:7]",
        "[CH3:1][c:2]1[cH:3][c:4]([CH3:5])[nH:6][n:7]1",
    ),
    "oxidation": ("[CH3:1][CH:2]([OH:3])[CH3:4]", "[CH3:1][C:2](=[O:3])[CH3:4]"),
}


@pytest.mark.parametrize("name", REACTIONS)
@pytest.mark.parametrize("radius", [0, 1])
def test_undone_the_core_gives_back_the_reactants(name, radius):
    reactants, product = REACTIONS[name]
    found = core(by_maps(reactants, product), radius)
    assert Transform.from_text(found.to_text()) == found
    plain = Chem.MolFromSmiles(product)
    for atom in plain.GetAtoms():
        atom.SetAtomMapNum(0)
    plain = Chem.MolFromSmiles(Chem.MolToSmiles(plain))
    left = Chem.MolFromSmiles(reactants)
    for atom in left.GetAtoms():
        atom.SetAtomMapNum(0)
    wanted = tuple(sorted(Chem.CanonSmiles(part) for part in Chem.MolToSmiles(left).split(".")))
    query, nodes = pattern(found)
    assert plain.HasSubstructMatch(query)
    assert wanted in list(undo(found, query, nodes, plain))


def test_what_changes_nothing_has_no_core():
    assert core(by_maps("[CH3:1][CH3:2]", "[CH3:1][CH3:2]")) is None
    assert by_maps("C(", "C") is None
    assert by_maps("[CH3:1][CH3:1]", "[CH3:1]C") is None or True
    assert cores_of("CC", "CC") == []


def test_sets_with_the_product_itself_are_left_out():
    found = core(by_maps(*REACTIONS["oxidation"]), 0)
    for reactants in undo(found, *pattern(found), Chem.MolFromSmiles("CC(C)=O")):
        assert "CC(C)=O" not in reactants


@given(st.sampled_from(sorted(REACTIONS)), st.integers(0, 1), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_equal_cores_are_equal_texts(name, radius, random):
    found = core(by_maps(*REACTIONS[name]), radius)
    order = list(range(len(found.nodes)))
    random.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    edges = [e._replace(first=place[e.first], second=place[e.second]) for e in found.edges]
    random.shuffle(edges)
    assert canonical_order([found.nodes[k] for k in order], edges) == found


def test_stereo_away_from_the_core_stays():
    found = core(by_maps(*AMIDE), 1)
    product = Chem.MolFromSmiles("CC[C@H](C)C(=O)NC[C@@H](C)O")
    sets = list(undo(core(by_maps(*AMIDE), 0), *pattern(core(by_maps(*AMIDE), 0)), product))
    assert ("CC[C@H](C)C(=O)O", "C[C@@H](O)CN") in sets
    assert found is not None


def test_the_library_knows_an_amide():
    templates = load_templates()
    found = templates.undo(Chem.MolFromSmiles("CCNC(=O)c1ccccc1"))
    assert ("CCN", "O=C(O)c1ccccc1") in found
    weights = [weight for weight, _ in found.values()]
    assert weights == sorted(weights, reverse=True)
    assert all(abs(sum(one.classes) - 1) < 1e-6 for one in templates.members)
    assert {one.radius for one in templates.members} == {0, 1}


def test_classes_of_known_chemistry():
    classify = Classifier(load_templates())
    assert classify("CCNC(=O)c1ccccc1", ("CCN", "O=C(O)c1ccccc1")).label == "acylation"
    assert classify("Nc1ccccc1", ("O=[N+]([O-])c1ccccc1",)).label == "reduction"
    odd = classify("CCO", ("c1ccccc1",))
    assert (odd.label, odd.probability, odd.precedents) == (UNKNOWN, 0.0, 0)


def test_places_where_a_target_breaks():
    target = "CCNC(=O)c1ccccc1"
    chloride = disconnection(target, ("CCN", "O=C(Cl)c1ccccc1"))
    assert chloride == disconnection(target, ("CCN", "O=C(O)c1ccccc1"))
    assert chloride != disconnection(target, ("CCBr", "NC(=O)c1ccccc1"))
    assert disconnection("Nc1ccccc1", ("O=[N+]([O-])c1ccccc1",))


def test_files_are_checked(tmp_path):
    text = cores_of(*AMIDE)
    rows = [(text[1], 1, 3, matches(text[1], [Chem.MolFromSmiles("CCNC(C)=O")]), [0, 2, *[0] * 8])]
    facts = {"reactions": 10, "sample": 1, "classes": [0.1] * 10}
    save_templates(tmp_path / "t", rows, facts)
    (one,) = load_templates(tmp_path / "t").members
    assert one.classes[CLASSES.index("acylation")] == pytest.approx(0.7)
    save_templates(tmp_path / "new", rows, facts | {"format_version": 99})
    for name in ("missing", "new"):
        with pytest.raises(BundleError):
            load_templates(tmp_path / name)


def test_novelty(tmp_path, monkeypatch):
    from hanten.synthesis.retro import novelty

    reactions = [("CCO", ["CC=O"]), ("CCN", ["CC#N"])]
    assert save_known(tmp_path / "k", reactions) == 2
    monkeypatch.setattr(novelty, "KNOWN", tmp_path / "k")
    novelty._known.cache_clear()
    assert is_known("CCO", ("CC=O",))
    assert not is_known("CCO", ("CCCl",))
    novelty._known.cache_clear()
    assert isinstance(digest("C", ["CC"]), int)
    assert np.iinfo(np.uint32).max >= digest("C", ["CC"])
