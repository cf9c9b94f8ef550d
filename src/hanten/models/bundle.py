"""One file, nothing else needed, nothing executed: ``<name>.hanten``.

A bundle is a zip archive without compression: ``manifest.json`` (what it is, how to rebuild it, the model card, the
self-test), ``tensors.safetensors`` (the fitted arrays) and ``training.json`` (the canonical strings it was trained
on). The manifest holds the SHA-256 of the other members, and the comment at the end of the archive that of all bytes
before it, so that no changed byte goes unnoticed. The digests guard against damage, not against a forger; what a
forger cannot do is make a bundle run code, because there is none in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from hanten._version import __version__
from hanten.errors import BundleError, HantenError
from hanten.models.base import Arrays, from_state, get_state, pack_sparse, unpack_sparse
from hanten.models.domain import ApplicabilityDomain
from hanten.models.property_model import PropertyModel
from hanten.models.vectorize import view_from_config
from hanten.properties import Property, get_property, list_properties, register_property
from hanten.runs import atomic_write

FORMAT_VERSION = 1
MEMBERS = ("manifest.json", "tensors.safetensors", "training.json")
SELF_TESTS = 6
TOLERANCE = 0.01  # of the predicted standard deviation
_MARK = b"hanten-bundle sha256 "
_DOMAIN = "domain.counts."
_DATE = (1980, 1, 1, 0, 0, 0)


def save_bundle(model: PropertyModel, path: str | Path) -> Path:
    """Write ``model`` to ``path``, so that the file is either complete or not there.

    Raises
    ------
    RunError
        If the file cannot be written.
    """
    with atomic_write(path, "wb") as handle:
        handle.write(dump_bundle(model))
    return Path(path)


def dump_bundle(model: PropertyModel) -> bytes:
    """The bytes of a bundle."""
    from safetensors.numpy import save

    description, arrays = get_state(model.regressor, "regressor.")
    for i, view in enumerate(model.views):
        if hasattr(view.featurizer, "get_arrays"):
            arrays |= {f"views.{i}.{key}": part for key, part in view.featurizer.get_arrays().items()}
    arrays |= {f"{_DOMAIN}{key}": part for key, part in pack_sparse(model.domain.counts).items()}
    members = {
        "tensors.safetensors": save(arrays),
        "training.json": _json({**model.training, "nearest": list(model.domain.structures)}),
    }
    manifest = _manifest(model, description) | {
        "members": {name: _sha(data) for name, data in members.items()}
    }
    members["manifest.json"] = _json(manifest)
    return _archive(members)


def load_bundle(path: str | Path) -> PropertyModel:
    """Read a bundle, check every digest, rebuild the model and run its self-test.

    Raises
    ------
    BundleError
        If the file is missing, not a bundle, damaged, too new, or predicts other numbers than when it was saved.
    """
    where = str(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise BundleError(
            f"cannot be read: {error.strerror or error}",
            where=where,
            hint="`hanten predict --help` lists the bundled models",
        ) from error
    return read_bundle(data, where)


def read_bundle(data: bytes, where: str | None = None) -> PropertyModel:
    """The model in the bytes of a bundle, its digests checked and its self-test passed.

    Raises
    ------
    BundleError
        As :func:`load_bundle`.
    """
    try:
        manifest, members = _open(data)
        model = _rebuild(manifest, members)
        _self_test(model, manifest)
    except BundleError as error:
        raise BundleError(error.message, where=where or error.where, hint=error.hint) from error
    except (
        SafetensorError,
        HantenError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        MemoryError,
    ) as error:
        raise BundleError(
            f"the bundle does not fit together: {error!r}", where=where, hint="train or fetch it again"
        ) from error
    return model


def read_card(path: str | Path) -> dict[str, Any]:
    """The model card of a bundle, without rebuilding the model."""
    try:
        manifest, _ = _open(Path(path).read_bytes())
    except OSError as error:
        raise BundleError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    return dict(manifest["card"])


def _manifest(model: PropertyModel, description: dict[str, Any]) -> dict[str, Any]:
    from importlib.metadata import version

    libraries = {name: version(name) for name in ("numpy", "scipy", "scikit-learn", "rdkit", "safetensors")}
    return {
        "format": "hanten property model",
        "format_version": FORMAT_VERSION,
        "property": asdict(model.property_) | {"aliases": list(model.property_.aliases)},
        "log": model.log,
        "std_factor": model.std_factor,
        "views": [view.config() for view in model.views],
        "regressor": description,
        "domain": {"threshold": model.domain.threshold, "elements": list(model.domain.elements)},
        "versions": {"hanten": __version__, **libraries},
        "card": model.card,
        "self_test": _expected(model),
    }


def _expected(model: PropertyModel) -> dict[str, Any]:
    known = model.domain.structures
    probes = [known[i] for i in np.linspace(0, len(known) - 1, min(SELF_TESTS, len(known))).astype(int)]
    mean, std = model.predict(probes, return_std=True, canonical=True)
    return {"structures": probes, "mean": mean.tolist(), "sd": std.tolist()}


def _archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in MEMBERS:
            archive.writestr(zipfile.ZipInfo(name, _DATE), members[name])
        archive.comment = _MARK + b"0" * 64
    body = buffer.getvalue()[:-64]
    return body + _sha(body).encode()


def _open(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and members; nothing is parsed before the digest of the whole is right."""
    if not data.startswith(b"PK\x03\x04"):
        raise BundleError(
            "this is not a hanten bundle", hint="a bundle is what `hanten train -o NAME.hanten` writes"
        )
    if not data[:-64].endswith(_MARK):
        raise BundleError(
            "the bundle is incomplete or damaged, or not a bundle: it does not end with its digest",
            hint="copy or fetch it again",
        )
    if _sha(data[:-64]).encode() != data[-64:]:
        raise BundleError(
            "the bundle was changed after it was saved: its digest does not match",
            hint="copy or fetch it again",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise BundleError("the bundle has compressed members, which no hanten writes")
            members = {name: archive.read(name) for name in MEMBERS}
        manifest = json.loads(members["manifest.json"])
        version = manifest["format_version"]
        if not isinstance(version, int) or version > FORMAT_VERSION:
            text = (
                f"the bundle has format {version}, and this hanten {__version__} reads up to {FORMAT_VERSION}"
            )
            raise BundleError(text, hint="update hanten: pip install -U hanten")
        for name, digest in manifest["members"].items():
            if _sha(members[name]) != digest:
                raise BundleError(
                    f"{name} inside the bundle was changed: its digest does not match",
                    hint="copy or fetch it again",
                )
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(f"the bundle cannot be unpacked: {error}", hint="copy or fetch it again") from error
    return manifest, members


def _rebuild(manifest: dict[str, Any], members: dict[str, bytes]) -> PropertyModel:
    from safetensors.numpy import load

    arrays: Arrays = load(members["tensors.safetensors"])
    training = json.loads(members["training.json"])
    structures = tuple(training.pop("nearest"))
    counts = unpack_sparse(
        {name.removeprefix(_DOMAIN): array for name, array in arrays.items() if name.startswith(_DOMAIN)}
    )
    if counts.shape[0] != len(structures):
        raise BundleError(
            f"the bundle holds {len(structures)} training structures and the counts of {counts.shape[0]}"
        )
    domain = ApplicabilityDomain(
        counts, structures, float(manifest["domain"]["threshold"]), tuple(manifest["domain"]["elements"])
    )
    views = tuple(
        view_from_config(config, {k.removeprefix(own): v for k, v in arrays.items() if k.startswith(own)})
        for config, own in ((config, f"views.{i}.") for i, config in enumerate(manifest["views"]))
    )
    regressor = from_state(manifest["regressor"], arrays, "regressor.")
    return PropertyModel(
        _property(manifest["property"]),
        views,
        regressor,
        bool(manifest["log"]),
        float(manifest["std_factor"]),
        domain,
        manifest["card"],
        training,
    )


def _property(described: dict[str, Any]) -> Property:
    """The property of this registry, or the bundle's own, registered so that every room knows it."""
    prop = Property(**(described | {"aliases": tuple(described["aliases"])}))
    if prop.name in {known.name for known in list_properties()}:
        known = get_property(prop.name)
        if known.unit != prop.unit:
            raise BundleError(
                f"the bundle predicts {prop.name} in {prop.unit!r}, and here its unit is {known.unit!r}",
                hint="train it again with this version",
            )
        return known
    return register_property(prop)


def _self_test(model: PropertyModel, manifest: dict[str, Any]) -> None:
    test = manifest["self_test"]
    mean, std = model.predict(test["structures"], return_std=True, canonical=True)
    scale = np.asarray(test["sd"], dtype=float)
    off = np.maximum(np.abs(mean - np.asarray(test["mean"])), np.abs(std - scale)) / scale
    worst = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
    if not off[worst] <= TOLERANCE:
        text = f"the self-test fails: {test['structures'][worst]} gives {mean[worst]:.6g} ± {std[worst]:.3g}, not {test['mean'][worst]:.6g} ± {scale[worst]:.3g}"
        raise BundleError(text, hint=_versions(manifest))


def _versions(manifest: dict[str, Any]) -> str:
    from importlib.metadata import version

    return f"saved with RDKit {manifest['versions'].get('rdkit')}, this is RDKit {version('rdkit')}; train it again or install that version"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
