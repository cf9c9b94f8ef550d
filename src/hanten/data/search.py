"""Finding records: by property and range, method, source, kind, substructure and similarity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import sqlalchemy as sa

from hanten.data.records import parse_kind, parse_method
from hanten.data.schema import materials, records
from hanten.errors import DataError, StructureError
from hanten.properties import get_property, parse_quantity

COLUMNS = (
    *("id", "kind", "structure", "canonical", "property", "value", "unit", "uncertainty", "method"),
    *("temperature", "pressure", "sample_state", "source", "doi", "licence", "date", "import_id"),
)


@dataclass(frozen=True)
class Filter:
    """What is asked for; every part narrows the answer. The fields are those of :meth:`Database.query`."""

    property: str | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    method: str | None = None
    source: str | None = None
    kind: str | None = None
    substructure: str | None = None
    similar_to: str | None = None
    threshold: float = 0.5
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.property is None and (self.minimum is not None or self.maximum is not None):
            raise DataError("a range needs a property", hint='for instance property="Tg", minimum="450 K"')
        if not 0.0 <= self.threshold <= 1.0:
            raise DataError(
                f"a similarity of {self.threshold:g} cannot be asked for", hint="it lies between 0 and 1"
            )
        if self.limit is not None and self.limit < 0:
            raise DataError(f"{self.limit} rows cannot be shown")

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The part of the filter that the database itself evaluates."""
        found: list[sa.ColumnElement[bool]] = []
        if self.property is not None:
            prop = get_property(self.property)
            found.append(records.c.property == prop.name)
            if self.minimum is not None:
                found.append(records.c.value >= parse_quantity(self.minimum, prop.unit))
            if self.maximum is not None:
                found.append(records.c.value <= parse_quantity(self.maximum, prop.unit))
        if self.method is not None:
            found.append(records.c.method == parse_method(self.method))
        if self.source is not None:
            found.append(sa.func.lower(records.c.source).contains(self.source.lower(), autoescape=True))
        if self.kind is not None:
            found.append(materials.c.kind == parse_kind(self.kind))
        return found

    @cached_property
    def looks_inside(self) -> bool:
        """Whether structures must be looked at, one by one."""
        return self.substructure is not None or self.similar_to is not None


def select_records(wanted: Filter) -> sa.Select[Any]:
    """The statement behind a filter: :data:`COLUMNS` and the number of the material, oldest record first."""
    named = [materials.c[name] if name in {"kind", "canonical"} else records.c[name] for name in COLUMNS]
    statement = sa.select(*named, records.c.material_id).join(
        materials, records.c.material_id == materials.c.id
    )
    statement = statement.where(*wanted.conditions()).order_by(records.c.id)
    return statement if wanted.looks_inside or wanted.limit is None else statement.limit(wanted.limit)


def table_of(connection: sa.Connection, statement: sa.Select[Any]) -> pd.DataFrame:
    """The answer to a statement; plain tuples, because pandas looks long at the rows of SQLAlchemy."""
    result = connection.execute(statement)
    columns = list(result.keys())
    return pd.DataFrame.from_records([tuple(row) for row in result], columns=columns)


def find(connection: sa.Connection, wanted: Filter) -> pd.DataFrame:
    """The records that pass; with ``similar_to`` the most similar first, and a column ``similarity``."""
    judge = _judge(wanted)
    frame = table_of(connection, select_records(wanted))
    for name in ("value", "uncertainty", "temperature", "pressure"):
        frame[name] = frame[name].astype(float)
    if judge is not None:
        frame = _judged(frame, judge, wanted)
    return frame.drop(columns="material_id")


def _judged(frame: pd.DataFrame, judge: Callable[[str, str], float | None], wanted: Filter) -> pd.DataFrame:
    """Keep the materials that ``judge`` lets pass; each distinct one is looked at once."""
    distinct = frame.drop_duplicates("material_id")
    marks = {
        number: judge(canonical, kind)
        for number, canonical, kind in zip(
            distinct["material_id"], distinct["canonical"], distinct["kind"], strict=True
        )
    }
    mark = frame["material_id"].map(marks).astype(float)
    frame = frame[mark.notna()].copy()
    if wanted.similar_to is not None:
        frame["similarity"] = mark[mark.notna()]
        frame = frame.sort_values("similarity", ascending=False, kind="stable")
    frame = frame.reset_index(drop=True)
    return frame if wanted.limit is None else frame.head(wanted.limit)


def _judge(wanted: Filter) -> Callable[[str, str], float | None] | None:
    """The similarity of a material to what is asked (1.0 if only a substructure is), ``None`` for no."""
    tests = []
    if wanted.substructure is not None:
        tests.append(_substructure_test(wanted.substructure))
    if wanted.similar_to is not None:
        tests.append(_similarity_test(wanted.similar_to, wanted.kind, wanted.threshold))
    if not tests:
        return None

    def judge(canonical: str, kind: str) -> float | None:
        mark: float | None = 1.0
        for test in tests:
            mark = None if mark is None else test(canonical, kind)
        return mark

    return judge


def _substructure_test(smarts: str) -> Callable[[str, str], float | None]:
    from rdkit import Chem, rdBase

    from hanten.data.similarity import contains

    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts)
    if pattern is None or not pattern.GetNumAtoms():
        raise StructureError(
            f"{smarts!r} is not a SMARTS pattern", hint="for instance 'C(=O)N' or 'c1ccccc1'"
        )
    return lambda canonical, kind: (
        1.0 if kind != "composition" and contains(canonical, kind, pattern) else None
    )


def _similarity_test(query: str, kind: str | None, threshold: float) -> Callable[[str, str], float | None]:
    from rdkit.DataStructs import TanimotoSimilarity

    from hanten.data.records import canonical_string
    from hanten.data.similarity import unit_counts

    kind = kind or ("polymer" if "*" in query else "molecule")
    counts = unit_counts(canonical_string(query, kind), kind)

    def test(canonical: str, other_kind: str) -> float | None:
        if other_kind != kind:
            return None
        similarity = float(TanimotoSimilarity(counts, unit_counts(canonical, kind)))
        return similarity if similarity >= threshold else None

    return test
