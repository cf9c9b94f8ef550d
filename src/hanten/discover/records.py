"""Records -> models: what you measured becomes a calibrated model of each target property."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from hanten.data import open_database, plan_import
from hanten.discover.config import RecordsConfig
from hanten.errors import DataError
from hanten.models import list_bundled, train_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hanten.models import PropertyModel

LOG = logging.getLogger(__name__)
DATABASES = (".db", ".sqlite", ".sqlite3")


def read_records(config: RecordsConfig) -> pd.DataFrame:
    """The records of a table or database: ``canonical``, ``property``, ``value`` (registry units), ``method``.

    Bad rows are left out and logged with their reasons.

    Raises
    ------
    DataError
        If the file is missing or holds no record.
    """
    path = Path(config.path)
    if not path.exists():
        raise DataError(
            "there is no such file", where=str(path), hint="records.path is relative to the configuration"
        )
    if path.suffix.lower() in DATABASES:
        table = open_database(path, create=False).query()
    else:
        plan = plan_import(path, mapping=config.mapping)
        for problem in plan.problems:
            LOG.warning("%s, row %s, column %s: %s", path.name, problem.row, problem.column, problem.reason)
        table = plan.preview(len(plan.records))
    if config.method:
        table = table[table["method"] == config.method]
    if table.empty:
        raise DataError(
            "holds no usable record", where=str(path), hint="`hanten data import FILE --dry-run` shows why"
        )
    return table


def train_on_records(config: RecordsConfig, properties: Sequence[str]) -> dict[str, PropertyModel]:
    """A model of each of ``properties`` that has records; the bundled models serve the rest.

    Raises
    ------
    DataError
        If a property has neither records nor a bundled model.
    """
    if not properties:
        return {}
    records, models = read_records(config), {}
    for name in properties:
        rows = records[records["property"] == name]
        if len(rows):
            method = ", ".join(sorted(set(rows["method"].dropna())))
            card = {
                "method": method or "your records",
                "data": f"{Path(config.path).name}: {len(rows)} records",
            }
            models[name] = _train(rows, name, card, with_sources=config.transfer)
        elif name not in list_bundled():
            known = ", ".join(sorted(set(records["property"])))
            raise DataError(
                f"there is no record of {name}, and no bundled model",
                where=config.path,
                hint=f"records of: {known}",
            )
    return models


def _train(rows: pd.DataFrame, name: str, card: dict[str, str], *, with_sources: bool) -> PropertyModel:
    if not with_sources:
        return train_model(rows, "canonical", "value", property=name, card=card)
    from hanten.transfer import transfer

    study = transfer(rows, "canonical", "value", property=name, card=card)
    LOG.warning("%s: %s", name, study.summary().replace("\n", "; "))
    return study.model
