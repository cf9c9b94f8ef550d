"""Fixtures of the design room."""

import numpy as np
import pytest

from hanten.design.syntax import END


def walk(prior):
    """Every string the prior can write, with its probability, by walking the tree of prefixes."""
    done, rows = {}, [([], 1.0)]
    while rows:
        state, _, _ = prior._read([prefix for prefix, _ in rows])
        p = prior._probabilities(state)
        p /= p.sum(axis=1, keepdims=True)
        grown = []
        for (prefix, mass), row in zip(rows, p, strict=True):
            for token in np.flatnonzero(row):
                if token == END:
                    done[prior.texts([prefix])[0]] = mass * row[token]
                else:
                    grown.append(([*prefix, int(token)], mass * row[token]))
        rows = grown
    return done


@pytest.fixture(scope="session")
def enumerate_all():
    return walk
