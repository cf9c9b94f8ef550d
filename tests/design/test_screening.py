import joblib
import numpy as np
import pandas as pd
import pytest
from rdkit import Chem, rdBase

from hanten.chem import Polymer
from hanten.chem.chain import chain_of
from hanten.design.alerts import ALERTS, alerts
from hanten.design.mesogens import MESOGENS, mesogens
from hanten.design.polymer_class import CLASSES, POLYINFO_CLASSES, classify
from hanten.design.prior_file import load_prior
from hanten.design.screening import COLUMNS, KnownPolymers, chain_fingerprint, screen, shortlist
from hanten.design.synthesizability import sa_score
from hanten.errors import DataError, UnknownNameError
from hanten.synthesis.polymerisation import known_route

UNITS = {
    "*CC*": "polyolefin",
    "*CC(*)c1ccccc1": "polystyrene",
    "*CC(*)C#N": "polyvinyl",
    "*CC(*)OC(C)=O": "polyvinyl",
    "*CC(*)(C)C(=O)OC": "polyacrylic",
    "*CC(*)C(N)=O": "polyacrylic",
    "*CC(*)Cl": "polyhalo-olefin",
    "*C(F)(F)C(F)(F)*": "polyhalo-olefin",
    "*CC(C)=CC*": "polydiene",
    "*CC(Cl)=CC*": "polydiene",
    "*CCO*": "polyether",
    "*Oc1c(C)cc(*)cc1C": "polyether",
    "*Sc1ccc(*)cc1": "polysulfide",
    "*OCCOC(=O)c1ccc(C(*)=O)cc1": "polyester",
    "*NCCCCCC(*)=O": "polyamide",
    "*OCCCCOC(=O)NCCCCCCNC(*)=O": "polyurethane",
    "*CCN1CC(COCC2CN(*)C(=O)O2)OC1=O": "polyurethane",
    "*NCCCCCCNC(*)=O": "polyurea",
    "*c1ccc(Oc2ccc(-n3c(=O)c4cc5c(=O)n(*)c(=O)c5cc4c3=O)cc2)cc1": "polyimide",
    "*CCCCCCCCC(=O)OC(*)=O": "polyanhydride",
    "*Oc1ccc(C(C)(C)c2ccc(OC(*)=O)cc2)cc1": "polycarbonate",
    "*Nc1ccc(*)cc1": "polyimine",
    "*O[Si](*)(C)C": "polysiloxane",
    "*N=P(*)(OCC)OCC": "polyphosphazene",
    "*CCC(*)=O": "polyketone",
    "*Oc1ccc(S(=O)(=O)c2ccc(*)cc2)cc1": "polysulfone",
    "*c1ccc(*)cc1": "polyphenylene",
    "*B(*)C": "other",
}


def mol(text):
    return Chem.MolFromSmiles(text)


@pytest.mark.parametrize("unit", UNITS)
def test_class_of_textbook_polymers_whatever_the_writing(unit):
    assert classify(chain_of(mol(Polymer(unit).psmiles))) == UNITS[unit]
    for seed in range(3):
        atoms = np.random.default_rng(seed).permutation(mol(unit).GetNumAtoms()).tolist()
        assert classify(chain_of(Chem.RenumberAtoms(mol(unit), atoms))) == UNITS[unit]


def test_the_test_covers_every_class():
    assert set(UNITS.values()) == set(CLASSES)


def test_classes_of_real_polymers_agree_with_polyinfo(data_dir):
    table = pd.read_csv(data_dir / "polymers/radonpy_pi1070/PI1070.csv", usecols=["smiles", "polymer_class"])
    assigned = [classify(chain_of(mol(s))) for s in table.smiles]
    assert np.mean(table.polymer_class.map(POLYINFO_CLASSES) == assigned) > 0.88


def test_a_stretch_of_chain_is_periodic():
    chain = chain_of(mol("*CC(*)C"))
    assert chain.units % 2 == 1
    assert chain.mol.GetNumAtoms() == chain.units * chain.size + 2
    elements = [chain.mol.GetAtomWithIdx(i).GetSymbol() for i in range(chain.units * chain.size)]
    assert elements == elements[: chain.size] * chain.units
    assert chain.path_length == 2
    assert set(chain.path) <= chain.main_chain()


def test_fingerprint_does_not_depend_on_the_cut():
    one, two = (chain_fingerprint(chain_of(mol(s))) for s in ("*CCOC(=O)CC(*)=O", "*C(=O)OCCC(=O)C*"))
    assert one == two


# ---------------------------------------------------------------- mesogens, alerts


def test_every_published_mesogen_fragment_is_hit(data_dir):
    fragments = pd.read_csv(data_dir / "polymers/stewu5_2019/LC_frags.csv").SMILES
    assert len(fragments) == 24
    assert all(mesogens(mol(fragment)) for fragment in fragments)


@pytest.mark.parametrize("unit", ["*CC*", "*CC(*)c1ccccc1", "*CCCCCC(=O)N*", "*Oc1cccc(C(*)=O)c1"])
def test_flexible_and_bent_chains_are_no_mesogens(unit):
    assert mesogens(chain_of(mol(unit)).mol) == []


def test_a_mesogen_across_the_cut_is_found():
    assert "azo" in mesogens(chain_of(mol("*=Nc1ccc(OCCCCOc2ccc(N=*)cc2)cc1")).mol)


def test_mesogen_patterns_compile_and_are_distinct():
    patterns = [p for several in MESOGENS.values() for p in several]
    assert all(Chem.MolFromSmarts(p) is not None for p in patterns)
    assert len(patterns) == len(set(patterns))


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("*CC(*)OOC", "peroxide"),
        ("*CC(*)N=[N+]=[N-]", "azide or diazo"),
        ("*CC(*)C(=O)Cl", "acid halide"),
        ("*CC(*)N=C=O", "isocyanate"),
        ("*CC(*)=C=C", None),
        ("*CC(*)OCl", "O-halogen or N-halogen"),
        ("*CC(*)C(O)OC", "hemiacetal or geminal diol"),
        ("*OO*", "peroxide"),
        ("*c1ccc(NNc2ccc(*)cc2)cc1", "hydrazine N-H"),
        ("*NNn1c(=O)c2cc(*)ccc2c1=O", "hetero-atom chain"),
        ("*CCn1c(=N)c2cc(*)ccc2c1=O", "imine N-H"),
    ],
)
def test_alerts_name_the_group(unit, name):
    if name is not None:
        assert name in alerts(chain_of(mol(unit)).mol)


RAISED = [
    "COOC", "CSSSC", "COF", "CC(=O)Cl", "COC(C)O", "CC(O)NC", "CC(N)N", "COCCl", "CC=CO", "CC=CN", "CC=C=CC", "CC=C=O",
    "CN=C=O", "CN=[N+]=[N-]", "C=[N+]=[N-]", "CNN=NC", "CN=O", "C[N+]#[C-]", "C1CCC#CC1", "C1=CC1", "C1CC2=C(C1)CCC2",
    "C[CH2-]", "CSOC", "CC(=O)ON", "CNNC", "CNNNC", "CC=N", "CC(C)=S", "COC(=O)O", "C[O]",
]  # fmt: skip


def brute_force(mol):
    return [name for name, smarts in ALERTS.items() if mol.HasSubstructMatch(Chem.MolFromSmarts(smarts))]


def test_every_alert_is_raised_by_an_example():
    found = {text: alerts(mol(text)) for text in RAISED}
    assert all(found[text] == brute_force(mol(text)) for text in RAISED)
    assert set().union(*found.values()) == set(ALERTS)


@pytest.mark.parametrize("n", [400, pytest.param(30_000, marks=pytest.mark.slow)])
def test_what_is_screened_out_first_has_no_alert(n):
    queries = {name: Chem.MolFromSmarts(smarts) for name, smarts in ALERTS.items()}
    with rdBase.BlockLogs():
        mols = [Chem.MolFromSmiles(text) for text in load_prior().sample(n, np.random.default_rng(n))]
    for one in mols:
        if one is not None:
            assert alerts(one) == [name for name, query in queries.items() if one.HasSubstructMatch(query)]


def test_alert_patterns_compile():
    assert all(Chem.MolFromSmarts(smarts) is not None for smarts in ALERTS.values())


def test_polymers_that_exist_raise_hardly_an_alert(data_dir):
    smiles = pd.read_csv(data_dir / "polymers/radonpy_pi1070/PI1070.csv", usecols=["smiles"]).smiles[::3]
    assert sum(bool(alerts(chain_of(mol(s)).mol)) for s in smiles) <= 0.02 * len(smiles)


# ------------------------------------------------------------------------------------------------ SA score


def test_sa_score_is_of_the_polymer_not_of_the_string():
    scores = sa_score(["*OCC*", "*CCO*", "*C(O*)C", "*CCOCCO*", "CC", "junk("])
    assert scores[0] == scores[1] == scores[3]
    assert np.isnan(scores[4:]).all()
    assert ((scores[:4] >= 1) & (scores[:4] <= 10)).all()


def test_sa_score_ranks_simple_before_complex():
    simple, hard = sa_score(["*CC(*)C", "*C1C2CC3(CC2C(*)C1O)OC1CC3C2CC1N2C"])
    assert simple < 2.5
    assert hard > 4


# ------------------------------------------------------------------------------------------------ screen


def test_screen_keeps_rows_and_order_and_says_why():
    given = ["*CC*", "CC", "*OCCOC(=O)c1ccc(C(*)=O)cc1", "*C(*)(*)C", "junk(", "", "*CC(*)OO"]
    frame = screen(given, known=["*CCCC*"], routes=known_route, in_domain=[True] * 6 + [False])
    assert list(frame.columns) == list(COLUMNS)
    assert frame.structure.tolist() == given
    assert frame.error.notna().tolist() == [False, True, False, True, True, True, False]
    assert frame.novel.tolist()[0] is False
    assert frame.nearest_similarity[0] == 1.0
    assert frame.rule[2] == "diol + diacid"
    assert frame.all_known.tolist()[2] is True
    assert frame.alerts[6]
    assert frame.in_domain.tolist()[6] is False


def test_screen_of_nothing_and_without_known_or_routes():
    assert screen([]).empty
    frame = screen(["*CC*"])
    assert pd.isna(frame.nearest_similarity[0])
    assert frame.nearest_known[0] is None or pd.isna(frame.nearest_known[0])
    assert pd.isna(frame.synthesizable[0])


def test_screen_is_the_same_for_any_number_of_workers():
    units = list(UNITS) * 4
    known = KnownPolymers(list(UNITS)[:10])
    one = screen(units, known=known, routes=known_route, n_jobs=1)
    with joblib.parallel_config(backend="threading"):  # starting processes would take longer than the test
        two = screen(units, known=known, routes=known_route, n_jobs=2)
    pd.testing.assert_frame_equal(one, two)


def test_screen_refuses_a_domain_of_another_length():
    with pytest.raises(DataError, match="in_domain"):
        screen(["*CC*"], in_domain=[True, False])


def test_known_polymers():
    known = KnownPolymers(["*CC*", "*CCCC*", "bad", "*CC(*)c1ccccc1"])
    assert len(known) == 2
    assert known.nearest("*CC(*)c1ccc(C)cc1")[0] == Polymer("*CC(*)c1ccccc1").psmiles
    assert KnownPolymers([]).nearest("*CC*")[0] is None


# ------------------------------------------------------------------------------------------------ shortlist


@pytest.fixture(scope="module")
def screened():
    frame = screen([*UNITS, "CC", "*CC(*)OO"], known=["*CC*"], routes=known_route)
    return frame.assign(probability=np.linspace(0.9, 0.1, len(frame)))


def test_shortlist_is_ranked_and_explained(screened):
    short = shortlist(screened, 6)
    assert short["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert short.iloc[0].probability == screened.probability.max()
    assert all(reason.startswith("P(target) 0.") and "SA " in reason for reason in short.reason)
    assert short.error.isna().all()


def test_shortlist_without_diversity_is_the_top(screened):
    assert shortlist(screened, 5, diversity=0).index.tolist() == screened.index[:5].tolist()


def test_shortlist_spreads_out():
    near = ["*CC(*)C(=O)OC", "*CC(*)C(=O)OCC", "*CC(*)C(=O)OCCC", "*CC(*)C(=O)OCCCC", "*Oc1ccc(*)cc1"]
    frame = screen(near).assign(probability=[0.9, 0.89, 0.88, 0.87, 0.5])
    assert "*Oc1ccc(*)cc1" in shortlist(frame, 2, diversity=0.9).structure.tolist()


def test_shortlist_passes_over_what_is_not_wanted(screened):
    short = shortlist(screened, 100, require=["synthesizable", "all_known"])
    assert short.all_known.all()
    assert not short.alerts.any()
    assert len(shortlist(screened, 100)) == len(screened) - 2
    assert shortlist(screened.iloc[:0], 3).empty


def test_shortlist_drops_missing_ranks_and_repeats(screened):
    twice = pd.concat([screened, screened], ignore_index=True)
    twice.loc[0, "probability"] = np.nan
    short = shortlist(twice, 200)
    assert short.canonical.is_unique


def test_shortlist_refuses_bad_arguments(screened):
    with pytest.raises(UnknownNameError, match="did you mean"):
        shortlist(screened, by="probabilty")
    with pytest.raises(DataError, match="diversity"):
        shortlist(screened, diversity=1.5)
