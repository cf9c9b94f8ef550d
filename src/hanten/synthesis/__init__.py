"""From a product back to what it is made of: polymerisation rules, and the index of known monomers."""
