"""A repeat unit written so that its second attachment point comes last.

``*c1ccc(*)cc1`` becomes ``*c1ccc(cc1)*``: the next segment can then be appended. Moving a branch behind its
siblings changes the order of the neighbours of the branching atom; a swap of two reverses the meaning of
``@``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"(?P<atom>\[[^\[\]*]+\]|Br|Cl|[BCNOPSFIbcnops])|(?P<star>\*)|(?P<ring>%\d\d|\d)"
    r"|(?P<bond>->|<-|[-=#:/\\$~])|(?P<open>\()|(?P<close>\))"
)


@dataclass(slots=True)
class _Node:
    """An atom of a walk, with what is written between it and the next atom."""

    bond: str
    atom: str
    rings: list[tuple[str, int]] = field(default_factory=list)  # bond symbol and number of the ring
    branches: list[list[_Node]] = field(default_factory=list)


def straighten(text: str) -> tuple[str, str, str]:
    """Write a unit so that it ends with its second attachment point.

    Parameters
    ----------
    text : str
        SMILES that begins with one of its two ``*``.

    Returns
    -------
    text, first, final : str
        The new SMILES, the atom at the first and the atom at the second attachment point.

    Examples
    --------
    >>> straighten("*c1ccc(*)cc1")
    ('*c1ccc(cc1)*', 'c', 'c')
    >>> straighten("*[C@@H](*)F")
    ('*[C@H](F)*', '[C@@H]', '[C@H]')
    """
    chain = _read(text)
    straight = _star_last(chain)
    return _write(straight), chain[1].atom, straight[-2].atom


def _read(text: str) -> list[_Node]:
    chain: list[_Node] = []
    stack: list[list[_Node]] = []
    opened: dict[str, int] = {}
    bond, rings = "", 0
    for match in TOKEN.finditer(text):
        symbol, kind = match[0], match.lastgroup
        if kind == "bond":
            bond = symbol
            continue
        if kind == "open":
            stack.append(chain)
            chain = []
            stack[-1][-1].branches.append(chain)
        elif kind == "close":
            chain = stack.pop()
        elif kind == "ring":
            if symbol not in opened:
                rings += 1
            chain[-1].rings.append(
                (bond, opened.pop(symbol) if symbol in opened else opened.setdefault(symbol, rings))
            )
        else:
            chain.append(_Node(bond, symbol))
        bond = ""
    return chain


def _star_last(chain: list[_Node]) -> list[_Node]:
    """The chain with the branch that leads to the (second) attachment point moved to its end."""
    for i, node in enumerate(chain):
        for k, branch in enumerate(node.branches):
            if not _leads_to_star(branch):
                continue
            behind = chain[i + 1 :]
            siblings = [*node.branches[:k], *node.branches[k + 1 :], *([behind] if behind else [])]
            passed = len(node.branches) - k - 1 + bool(behind)
            atom = mirrored_atom(node.atom) if passed % 2 else node.atom
            return [*chain[:i], _Node(node.bond, atom, node.rings, siblings), *_star_last(branch)]
    return chain


def _leads_to_star(branch: list[_Node]) -> bool:
    return any(node.atom == "*" or any(map(_leads_to_star, node.branches)) for node in branch)


def mirrored_atom(atom: str) -> str:
    """The atom with the other handedness, if it has one."""
    if "@@" in atom:
        return atom.replace("@@", "@")
    return atom.replace("@", "@@")


def _write(chain: list[_Node]) -> str:
    free = list(range(99, 0, -1))
    digits: dict[int, int] = {}

    def ring(bond: str, number: int, closing: list[int]) -> str:
        if number in digits:
            digit = digits.pop(number)
            closing.append(digit)
        else:
            digit = digits[number] = free.pop()
        return f"{bond}{digit}" if digit < 10 else f"{bond}%{digit}"

    def write(nodes: list[_Node]) -> str:
        out = []
        for node in nodes:
            closing: list[int] = []
            out += [node.bond, node.atom, *[ring(bond, number, closing) for bond, number in node.rings]]
            free.extend(closing)
            free.sort(reverse=True)
            out += [f"({write(branch)})" for branch in node.branches]
        return "".join(out)

    return write(chain)
