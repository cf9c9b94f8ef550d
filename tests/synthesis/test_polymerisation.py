import pickle
import tomllib
from importlib.resources import files

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from hanten.chem import Polymer
from hanten.errors import StructureError
from hanten.synthesis.build_monomer_index import build
from hanten.synthesis.monomers import in_known, monomer_hash, parent
from hanten.synthesis.polymerisation import backward, forward, known_route
from hanten.synthesis.polymerisation_rules import PARTNER, load_rules, reaction

# repeat unit, rule, monomers
CASES = {
    "polyethylene": ("*CC*", "vinyl addition", {"C=C"}),
    "polytetrafluoroethylene": ("*C(F)(F)*", "vinyl addition", {"FC(F)=C(F)F"}),
    "polystyrene": ("*CC(*)c1ccccc1", "vinyl addition", {"C=Cc1ccccc1"}),
    "poly(methyl methacrylate)": ("*CC(*)(C)C(=O)OC", "vinyl addition", {"C=C(C)C(=O)OC"}),
    "1,4-polyisoprene": ("*CC(C)=CC*", "conjugated diene, 1,4-addition", {"C=CC(=C)C"}),
    "1,2-polybutadiene": ("*CC(*)C=C", "vinyl addition", {"C=CC=C"}),
    "polynorbornene": ("*C=CC1CCC(*)C1", "cyclic olefin metathesis (ROMP)", {"C1=CC2CCC1C2"}),
    "polyphenylacetylene": ("*C=C(*)c1ccccc1", "alkyne addition", {"C#Cc1ccccc1"}),
    "polyoxymethylene": ("*CO*", "aldehyde addition", {"C=O"}),
    "poly(ethylene oxide)": ("*CCO*", "epoxide", {"C1CO1"}),
    "polytetrahydrofuran": ("*CCCCO*", "cyclic ether", {"C1CCOC1"}),
    "poly(ethylene sulfide)": ("*CCS*", "episulfide or thietane", {"C1CS1"}),
    "polycaprolactone": ("*CCCCCC(=O)O*", "lactone", {"O=C1CCCCCO1"}),
    "polylactide": ("*OC(C)C(*)=O", "lactone", {"CC1OC(=O)C(C)OC1=O"}),
    "nylon 6": ("*CCCCCC(=O)N*", "lactam", {"O=C1CCCCCN1"}),
    "poly(trimethylene carbonate)": ("*OCCCOC(*)=O", "cyclic carbonate", {"O=C1OCCCO1"}),
    "polyalanine": ("*NC(C)C(*)=O", "amino acid N-carboxyanhydride", {"CC1NC(=O)OC1=O"}),
    "poly(2-ethyl-2-oxazoline)": ("*CCN(*)C(=O)CC", "2-oxazoline ring opening", {"CCC1=NCCO1"}),
    "poly(methacrylic anhydride)": (
        "*CC1(C)CC(*)(C)C(=O)OC1=O", "1,6-diene cyclopolymerisation", {"C=C(C)C(=O)OC(=O)C(=C)C"},
    ),
    "poly(ethylene terephthalate)": (
        "*OCCOC(=O)c1ccc(C(*)=O)cc1", "diol + diacid", {"OCCO", "O=C(O)c1ccc(C(=O)O)cc1"},
    ),
    "poly(4-hydroxybenzoate)": ("*Oc1ccc(C(*)=O)cc1", "hydroxy acid", {"O=C(O)c1ccc(O)cc1"}),
    "polythioester": ("*SCCSC(=O)CCCCC(*)=O", "dithiol + diacid", {"SCCS", "O=C(O)CCCCC(=O)O"}),
    "polyester of anhydride": (
        "*OCCOC(=O)c1ccccc1C(*)=O", "epoxide + cyclic anhydride", {"C1CO1", "O=C1OC(=O)c2ccccc21"},
    ),
    "bisphenol A polycarbonate": (
        "*Oc1ccc(C(C)(C)c2ccc(OC(*)=O)cc2)cc1",
        "diol + phosgene",
        {"O=C(Cl)Cl", "CC(C)(c1ccc(O)cc1)c1ccc(O)cc1"},
    ),
    "poly(propylene carbonate)": ("*OC(C)COC(*)=O", "epoxide + carbon dioxide", {"CC1CO1", "O=C=O"}),
    "nylon 66": ("*NCCCCCCNC(=O)CCCCC(*)=O", "diamine + diacid", {"NCCCCCCN", "O=C(O)CCCCC(=O)O"}),
    "Kevlar": (
        "*C(=O)c1ccc(cc1)C(=O)Nc1ccc(cc1)N*",
        "diamine + diacid chloride",
        {"O=C(Cl)c1ccc(C(=O)Cl)cc1", "Nc1ccc(N)cc1"},
    ),
    "Kapton": (
        "*c1ccc(Oc2ccc(-n3c(=O)c4cc5c(=O)n(*)c(=O)c5cc4c3=O)cc2)cc1",
        "diamine + dianhydride",
        {"O=c1oc(=O)c2cc3c(=O)oc(=O)c3cc12", "Nc1ccc(Oc2ccc(N)cc2)cc1"},
    ),
    "poly(amide-imide)": (
        "*Nc1ccc(Cc2ccc(N3C(=O)c4ccc(C(*)=O)cc4C3=O)cc2)cc1",
        "diamine + anhydride acid",
        {"O=C(O)c1ccc2c(c1)C(=O)OC2=O", "Nc1ccc(Cc2ccc(N)cc2)cc1"},
    ),
    "polyurethane": (
        "*OCCCCOC(=O)Nc1ccc(Cc2ccc(NC(*)=O)cc2)cc1",
        "diol + diisocyanate",
        {"OCCCCO", "O=C=Nc1ccc(Cc2ccc(N=C=O)cc2)cc1"},
    ),
    "polyurea": ("*NCCNC(=O)NCCCCCCNC(*)=O", "diamine + diisocyanate", {"NCCN", "O=C=NCCCCCCN=C=O"}),
    "polyoxazolidone": (
        "*CCN1CC(COCC2CN(*)C(=O)O2)OC1=O", "diepoxide + diisocyanate", {"C(OCC1CO1)C1CO1", "O=C=NCCN=C=O"},
    ),
    "PEEK": (
        "*Oc1ccc(Oc2ccc(C(=O)c3ccc(*)cc3)cc2)cc1",
        "bisphenol + activated dihalide",
        {"Oc1ccc(O)cc1", "O=C(c1ccc(F)cc1)c1ccc(F)cc1"},
    ),
    "PPO": ("*Oc1c(C)cc(*)cc1C", "oxidative polymerisation of a phenol", {"Cc1cccc(C)c1O"}),
    "PPS": ("*Sc1ccc(*)cc1", "dichloroarene + sodium sulfide", {"Clc1ccc(Cl)cc1", "S"}),
    "phenoxy resin": (
        "*Oc1ccc(C(C)(C)c2ccc(OCC(O)C*)cc2)cc1",
        "bisphenol + epichlorohydrin",
        {"ClCC1CO1", "CC(C)(c1ccc(O)cc1)c1ccc(O)cc1"},
    ),
    "polyoxadiazole": (
        "*c1ccc(-c2nnc(*)o2)cc1", "diacid + hydrazine (polyoxadiazole)", {"NN", "O=C(O)c1ccc(C(=O)O)cc1"},
    ),
    "polybenzimidazole": (
        "*c1cccc(-c2nc3cc(-c4ccc5nc(*)[nH]c5c4)ccc3[nH]2)c1",
        "diacid + bis-o-aminophenol, -diamine or -aminothiol",
        {"O=C(O)c1cccc(C(=O)O)c1", "Nc1ccc(-c2ccc(N)c(N)c2)cc1N"},
    ),
    "polybenzoxazole": (
        "*c1ccc(-c2nc3cc4nc(*)oc4cc3o2)cc1",
        "diacid + bis-o-aminophenol, -diamine or -aminothiol",
        {"O=C(O)c1ccc(C(=O)O)cc1", "Nc1cc(N)c(O)cc1O"},
    ),
    "polyanhydride": ("*CCCCCCCCC(=O)OC(*)=O", "diacid self-condensation", {"O=C(O)CCCCCCCCC(=O)O"}),
    "polydimethylsiloxane": ("*O[Si](*)(C)C", "dichlorosilane + water", {"C[Si](C)(Cl)Cl", "O"}),
    "polyazomethine": (
        "*=Cc1ccc(C=Nc2ccc(N=*)cc2)cc1", "dialdehyde + diamine", {"O=Cc1ccc(C=O)cc1", "Nc1ccc(N)cc1"},
    ),
    "polyketone": ("*CCC(*)=O", "olefin + carbon monoxide", {"C=C", "[C-]#[O+]"}),
    "styrene-maleic anhydride": (
        "*CC(c1ccccc1)C1C(*)C(=O)OC1=O",
        "olefin copolymerisation (alternating)",
        {"C=Cc1ccccc1", "O=C1C=CC(=O)O1"},
    ),
    "polythiophene": ("*c1ccc(*)s1", "heteroarene (oxidative coupling)", {"c1ccsc1"}),
    "poly(p-phenylene)": ("*c1ccc(*)cc1", "dibromoarene (Yamamoto coupling)", {"Brc1ccc(Br)cc1"}),
    "PPV": ("*C=Cc1ccc(*)cc1", "bis(chloromethyl)arene (Gilch)", {"ClCc1ccc(CCl)cc1"}),
    "polyaniline": ("*Nc1ccc(*)cc1", "oxidative polymerisation of an aniline", {"Nc1ccccc1"}),
    "novolac": ("*Cc1cc(*)cc(C)c1O", "phenol + formaldehyde (linear novolac)", {"Cc1ccccc1O", "C=O"}),
}  # fmt: skip


def canonical(smiles):
    return Chem.CanonSmiles(smiles)


@pytest.mark.parametrize("name", CASES)
def test_backward_finds_the_textbook_monomers_and_forward_makes_the_unit_again(name):
    unit, rule, monomers = CASES[name]
    sets = backward(unit)
    assert (rule, {canonical(m) for m in monomers}) in [(s.rule, set(s.monomers)) for s in sets], [
        str(s) for s in sets
    ]
    for found in sets:
        assert Polymer(unit) in [p for p, _ in forward(found.monomers)], str(found)


@pytest.mark.parametrize("name", ["nylon 66", "Kapton", "polylactide", "polystyrene", "phenoxy resin"])
def test_backward_does_not_depend_on_how_the_unit_is_written(name):
    unit = CASES[name][0]
    mol = Chem.MolFromSmiles(unit)
    doubled = Chem.MolToSmiles(mol, doRandom=True, canonical=False)
    assert backward(doubled) == backward(unit)


def test_a_unit_that_holds_two_repeats_turned_round_is_made_of_two_monomers():
    # toluene diisocyanate head to head: A B A(reversed) B
    unit = "*OCCOC(=O)Nc1ccc(C)c(NC(=O)OCCOC(=O)Nc2cc(NC(*)=O)ccc2C)c1"
    rule, monomers = "diol + diisocyanate", {"OCCO", "Cc1ccc(N=C=O)cc1N=C=O"}
    sets = backward(unit)
    assert (rule, {canonical(m) for m in monomers}) in [(s.rule, set(s.monomers)) for s in sets]
    assert Polymer(unit) in [p for p, _ in forward(sorted(monomers))]


def test_forward_lists_both_orientations_of_unsymmetrical_monomers():
    made = [p for p, rule in forward(["CC(O)CO", "O=C(O)CC(C)C(=O)O"]) if rule == "diol + diacid"]
    assert len(set(made)) >= 2


@pytest.mark.parametrize(
    "monomers",
    [
        ["OCC(O)CO", "O=C(O)CCC(=O)O"],
        ["C=CC(=O)OCCOC(=O)C=C"],
        ["NCCN", "Nc1nc(N)nc(N)n1"],
        ["CCC"],
        ["C", "C"],
    ],
)
def test_networks_and_inert_molecules_make_no_linear_polymer(monomers):
    assert forward(monomers) == []


@pytest.mark.parametrize("monomers", [[], ["C=C"] * 3, ["not a smiles"], ["*CC*"], [""]])
def test_forward_refuses_what_is_no_monomer(monomers):
    with pytest.raises(StructureError):
        forward(monomers)


@pytest.mark.parametrize("text", ["CC", "*CC", "*C(*)(*)C", "junk("])
def test_backward_refuses_what_is_no_repeat_unit(text):
    with pytest.raises(StructureError):
        backward(text)


def test_no_route_is_an_empty_list():
    assert backward("*N=P(*)(C#C)C#C") == []


def test_known_sets_come_first_and_known_route_stops_there():
    unit = CASES["poly(ethylene terephthalate)"][0]
    assert backward(unit)[0].all_known
    assert known_route(unit)[0].all_known
    assert set(known_route(unit)) <= set(backward(unit))
    assert pickle.loads(pickle.dumps(known_route)) is known_route


def test_known_monomers():
    assert in_known("OCCO")
    assert in_known("O=C(Cl)Cl")
    assert not in_known("C=CCCC(F)(F)[Si](C)(C)C1CC1")
    assert monomer_hash("OCC") == monomer_hash("C(O)C")
    assert parent("Nc1ccc(N)cc1.Cl.Cl") == "Nc1ccc(N)cc1"
    with pytest.raises(ValueError, match="not a molecule"):
        monomer_hash("junk(")


def test_the_index_is_rebuilt_from_a_table(tmp_path):
    table = tmp_path / "monomers.csv"
    pd.DataFrame({"SMILES": ["OCCO", "NCCN.Cl"]}).to_csv(table, index=False)
    assert build(table, tmp_path / "index.npz") == 3


def test_the_shipped_index_is_that_of_the_published_table(data_dir, tmp_path):
    build(data_dir / "polymers/smipoly/202207_smip_monset.csv", tmp_path / "index.npz")
    shipped = files("hanten.synthesis").joinpath("known_monomers.npz").read_bytes()
    assert len(shipped) == (tmp_path / "index.npz").stat().st_size


# ------------------------------------------------------------------------------------------------ the table


def test_every_group_and_linkage_is_used_and_exists():
    table = load_rules()
    groups = {g for rule in table.rules for pair in rule.ends for g in pair if g}
    linkages = {name for rule in table.rules for name in rule.linkages}
    assert groups == set(table.groups)
    assert linkages == set(table.linkages)


def test_every_pattern_compiles():
    table = load_rules()
    assert all(pattern is not None for pattern in table.patterns.values())
    for pattern in table.patterns.values():
        assert {1, 2} <= {atom.GetAtomMapNum() for atom in pattern.GetAtoms()}
    for group in table.groups.values():
        for smarts in (*group.forward, *group.backward):
            assert reaction(smarts, 1).GetNumReactantTemplates() == 1


def test_rule_names_are_distinct_and_reagents_known():
    table = load_rules()
    names = [rule.name for rule in table.rules]
    assert len(names) == len(set(names))
    for rule in table.rules:
        assert rule.reagent in {"", "none (water leaves)", *table.reagents}
        assert set(rule.partners[0] + rule.partners[1]) <= set(table.by_key)
    assert PARTNER[PARTNER[11]] == 11


def test_the_commodity_list_holds_molecules_once():
    raw = tomllib.loads(files("hanten.synthesis").joinpath("polymerisation_rules.toml").read_text("utf-8"))
    hashes = [monomer_hash(smiles) for smiles in raw["common_monomers"].values()]
    assert len(hashes) == len(set(hashes))


# ------------------------------------------------------------------------------------------------ properties

DIOLS = ["OCCO", "OCC(C)O", "Oc1ccc(O)cc1", "OCCOCCO", "OCC(C)(C)CO", "Oc1cccc(O)c1"]
DIACIDS = ["O=C(O)CCC(=O)O", "O=C(O)c1cccc(C(=O)O)c1", "CC(C(=O)O)CC(=O)O", "O=C(O)C(F)(F)C(=O)O"]
DIAMINES = ["NCCN", "Nc1ccc(N)cc1", "NCC(C)N", "CNCCNC", "Nc1ccc(Oc2ccc(N)cc2)cc1"]
DIANHYDRIDES = ["O=c1oc(=O)c2cc3c(=O)oc(=O)c3cc12", "O=C1OC(=O)C2C1C1C(=O)OC(=O)C21"]
DIISOCYANATES = ["O=C=NCCCCCCN=C=O", "Cc1ccc(N=C=O)cc1N=C=O"]
VINYLS = [
    "C=C",
    "C=CC",
    "C=Cc1ccccc1",
    "C=CC#N",
    "C=C(C)C(=O)OC",
    "C=COC(C)=O",
    "C=C(F)F",
    "O=C1C=CC(=O)N1c1ccccc1",
]
PAIRS = [
    (DIOLS, DIACIDS),
    (DIAMINES, DIACIDS),
    (DIAMINES, DIANHYDRIDES),
    (DIOLS, DIISOCYANATES),
    (VINYLS, VINYLS),
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_backward_undoes_forward(data):
    first, second = data.draw(st.sampled_from(PAIRS))
    monomers = [data.draw(st.sampled_from(first)), data.draw(st.sampled_from(second))]
    if monomers[0] == monomers[1]:
        monomers = monomers[:1]
    made = forward(monomers)
    given_set = {canonical(m) for m in monomers}
    for polymer, rule in made:
        sets = backward(polymer)
        assert any(set(s.monomers) == given_set and s.rule == rule for s in sets), (str(polymer), rule)


@pytest.mark.slow
def test_real_polymers_backward_then_forward(data_dir):
    units = pd.read_csv(data_dir / "polymers/radonpy_pi1070/PI1070.csv", usecols=["smiles"]).smiles[::4]
    reached = 0
    for unit in units:
        sets = backward(unit)
        reached += bool(sets)
        plain = Polymer(Chem.MolToSmiles(Chem.MolFromSmiles(unit), isomericSmiles=False))
        assert all(plain in [p for p, _ in forward(s.monomers)] for s in sets), unit
    assert reached >= 0.9 * len(units)
