"""Polymerisation rules forwards (monomers -> repeat unit) and backwards (repeat unit -> monomers).

Backwards, the periodic chain is cut at main-chain bonds that a rule can form: one cut in each repeat unit
gives one monomer (a lactone, a hydroxy acid, a vinyl compound), two give an A-A and a B-B monomer. All
places are tried, so the answer does not depend on how the repeat unit is written. Each piece of chain is
turned into a monomer, and the monomer is then polymerised again: it is returned only if it leaves exactly
that piece.

The idea of a rule table for polymers is that of SMiPoly (Ohno et al., J. Chem. Inf. Model. 2023,
doi:10.1021/acs.jcim.3c00329); the rules are this project's own, see ``docs/polymerisation.md``.
"""

from __future__ import annotations

from hanten.synthesis.polymerisation_backward import MonomerSet, backward, known_route
from hanten.synthesis.polymerisation_forward import forward

__all__ = ["MonomerSet", "backward", "forward", "known_route"]
