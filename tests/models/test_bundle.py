"""A bundle is complete, exact, and trusts nothing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

from hanten.errors import BundleError, RunError
from hanten.models import load_model
from hanten.models.bundle import MEMBERS, _archive, _open, read_card

UNITS = ["*CC*", "*CC(*)c1ccccc1", "*CC(*)(F)Cl", "*CCO*"]


def rewritten(bundle, **changes):
    """The bundle with other members and right digests: what a forger or a later version would write."""
    manifest, members = _open(bundle.read_bytes())
    members = {name: members[name] for name in MEMBERS} | {
        k: v for k, v in changes.items() if k.endswith((".json", ".safetensors"))
    }
    manifest["members"] = {name: hashlib.sha256(members[name]).hexdigest() for name in MEMBERS[1:]}
    manifest |= {k: v for k, v in changes.items() if k not in members}
    return _archive(members | {"manifest.json": json.dumps(manifest).encode()})


def test_round_trip(trained, bundle):
    again = load_model(bundle)
    for one, two in zip(
        trained.model.predict(UNITS, return_std=True), again.predict(UNITS, return_std=True), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=2e-3)
    a, b = trained.model.predict_frame(UNITS), again.predict_frame(UNITS)
    assert a["in_domain"].tolist() == b["in_domain"].tolist()
    assert a["nearest"].tolist() == b["nearest"].tolist()
    assert again.card == trained.model.card == read_card(bundle)
    assert again.property_ == trained.model.property_


def test_the_same_model_gives_the_same_bytes(trained, bundle, tmp_path):
    assert trained.model.save(tmp_path / "again.hanten").read_bytes() == bundle.read_bytes()


def test_a_saved_bundle_holds_no_pickle(bundle):
    with zipfile.ZipFile(bundle) as archive:
        assert archive.namelist() == list(MEMBERS)
        assert not any(b"sklearn." in archive.read(name) for name in MEMBERS[1:])


def test_any_flipped_byte_is_noticed(bundle, tmp_path):
    data, target = bundle.read_bytes(), tmp_path / "bad.hanten"
    rng = np.random.default_rng(0)
    places = {0, 1, 10, len(data) - 1, len(data) - 70, *rng.integers(0, len(data), 150).tolist()}
    for place in sorted(places):
        target.write_bytes(
            data[:place] + bytes([data[place] ^ (1 << int(rng.integers(8)))]) + data[place + 1 :]
        )
        with pytest.raises(BundleError):
            load_model(target)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_cut_file_is_noticed(bundle, tmp_path, share):
    data, target = bundle.read_bytes(), tmp_path / "cut.hanten"
    target.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BundleError, match=r"cut\.hanten"):
        load_model(target)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(BundleError, match="No such file"):
        load_model(tmp_path / "none.hanten")
    with pytest.raises(BundleError, match="cannot be read"):
        load_model(tmp_path)


def test_other_files_are_not_bundles(tmp_path):
    for name, data in (("a.csv", b"psmiles,Tg\n"), ("b.hanten", b""), ("c.hanten", b"PK\x03\x04 nothing")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BundleError, match=r"not a (hanten )?bundle"):
            load_model(tmp_path / name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x", "y")
    (tmp_path / "d.hanten").write_bytes(buffer.getvalue())
    with pytest.raises(BundleError, match="not a bundle"):
        load_model(tmp_path / "d.hanten")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format_version": 99}, "format 99.*update hanten"),
        ({"format_version": "new"}, "format new"),
        ({"regressor": {"class": "Oracle"}}, "Oracle"),
        ({"regressor": None}, "not usable"),
        (
            {"views": [{"featurizer": "Horoscope", "definition": 1, "parameters": {}}]},
            "no featurizer 'Horoscope'",
        ),
        ({"views": []}, "does not fit together"),
        ({"std_factor": "much"}, "does not fit together"),
        ({"std_factor": 2.0}, "self-test fails.*RDKit"),
        ({"property": {"name": "Tg"}}, "does not fit together"),
        ({"self_test": {}}, "does not fit together"),
        ({"training.json": b"[]"}, "does not fit together"),
        ({"tensors.safetensors": b"\x00" * 9}, "does not fit together"),
    ],
)
def test_a_forged_bundle_is_a_bundle_error(bundle, tmp_path, changes, said):
    target = tmp_path / "forged.hanten"
    target.write_bytes(rewritten(bundle, **changes))
    with pytest.raises(BundleError, match=said):
        load_model(target)


def test_another_definition_of_a_featurizer_is_refused(bundle, tmp_path):
    manifest, _ = _open(bundle.read_bytes())
    manifest["views"][0]["definition"] = 77
    (tmp_path / "old.hanten").write_bytes(rewritten(bundle, views=manifest["views"]))
    with pytest.raises(BundleError, match=r"definition.*train the model again"):
        load_model(tmp_path / "old.hanten")


def test_writing_where_one_cannot(trained, tmp_path):
    with pytest.raises(RunError):
        trained.model.save(tmp_path / "no" / "such" / "folder.hanten")
