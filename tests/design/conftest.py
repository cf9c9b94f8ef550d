"""Fixtures of the design room."""

import numpy as np
import pytest

from hanten.design.token_rows import TokenRows
from hanten.design.vocabulary import END


def walk(prior):
    """Every string the prior can write, with its probability, by walking the tree of prefixes."""
    done, rows = {}, [([], 1.0)]
    while rows:
        p = prior.next_probabilities(TokenRows.of([prefix for prefix, _ in rows]))
        grown = []
        for (prefix, mass), row in zip(rows, p, strict=True):
            for token in np.flatnonzero(row):
                if token == END:
                    done[prior.texts(TokenRows.of([prefix]))[0]] = mass * row[token]
                else:
                    grown.append(([*prefix, int(token)], mass * row[token]))
        rows = grown
    return done


@pytest.fixture(scope="session")
def enumerate_all():
    return walk
