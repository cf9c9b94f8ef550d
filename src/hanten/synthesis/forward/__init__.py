"""Reactants to product as a translation between SMILES: the forward reaction model and its training program.

``python -m hanten.synthesis.forward.train --help``; what was built and why: ``docs/forward-model.md``.
Training needs torch, the ``train`` extra; importing these modules does not.
"""
