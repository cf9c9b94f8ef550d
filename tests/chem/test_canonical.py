"""One string per polymer: groups of writings that are one polymer, and pairs that are not."""

from __future__ import annotations

import pytest

from hanten.chem import canonical_psmiles

ONE_POLYMER = {
    "*C*": ["*CC*", "*CCCC*", "*C*", "[*]CCC[*]", "[*:1]CC[*:2]", "C(*)*", " *CC* "],
    "*CCO*": ["*OCC*", "*CCO*", "*COC*", "*CCOCCO*", "C(*)OC*", "O(*)CC*"],
    "*CC(*)C": ["*CC(*)C", "*C(C)C*", "CC(*)C*", "*CC(C)CC(*)C"],
    "*CCCCCC(=O)N*": ["*NCCCCCC(=O)*", "*C(=O)CCCCCN*", "*CCC(=O)NCCC*"],
    "*CCOC(=O)c1ccc(cc1)C(=O)O*": [
        "*OCCOC(=O)c1ccc(cc1)C(=O)*", "*c1ccc(cc1)C(=O)OCCOC(=O)*", "*CCOC(=O)C1=CC=C(C=C1)C(=O)O*",
    ],
    "*C=C*": ["*=CC=*", "*C=C*", "*C=CC=C*", "*=CC=CC=*"],
    "*C#C*": ["*#CC#*", "*C#C*"],
    "*=C=*": ["*=C=*", "*=C=C=*"],
}  # fmt: skip


@pytest.mark.parametrize(("psmiles", "writing"), [(k, w) for k, ws in ONE_POLYMER.items() for w in ws])
def test_writings_of_one_polymer_have_one_canonical_string(psmiles, writing):
    assert canonical_psmiles(writing) == psmiles
    assert canonical_psmiles(psmiles) == psmiles
