"""The trained models inside the package, and loading of any model by name or path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hanten.errors import BundleError, UnknownNameError, did_you_mean
from hanten.models.property_model import PropertyModel
from hanten.properties import get_property

LIBRARY = Path(__file__).parent / "library"
SUFFIX = ".hanten"


def list_bundled() -> list[str]:
    """Names of the properties for which the package carries a trained model.

    Examples
    --------
    >>> "thermal_conductivity" in list_bundled()
    True
    """
    return sorted((path.stem for path in LIBRARY.glob(f"*{SUFFIX}")), key=str.casefold)


def load_model(name_or_path: str | Path) -> PropertyModel:
    """A bundled model by property name (any alias), or a bundle from a file.

    Parameters
    ----------
    name_or_path : str or path

    Raises
    ------
    BundleError
        If the file cannot be trusted or read.
    UnknownNameError
        If it is neither a file nor a property with a bundled model.

    Examples
    --------
    >>> load_model("thermal conductivity").method
    'RadonPy MD, amorphous, 300 K'
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith(SUFFIX) or Path(text).is_file():
        from hanten.models.bundle import load_bundle

        return load_bundle(name_or_path)
    name = bundled_name(text)
    return _bundled(name)


def bundled_name(name: str) -> str:
    """The bundled model's name for a property name or alias.

    Raises
    ------
    UnknownNameError
        With the closest names.
    """
    bundled = list_bundled()
    if name in bundled:
        return name
    try:
        found = get_property(name).name
    except UnknownNameError as error:
        raise UnknownNameError(
            f"there is neither a bundled model nor a file called {name!r}", hint=did_you_mean(name, bundled)
        ) from error
    if found not in bundled:
        hint = (
            f"bundled: {', '.join(bundled)}"
            if bundled
            else "none are installed: `python -m hanten.models.build` trains them"
        )
        raise UnknownNameError(f"there is no bundled model of {found}", hint=hint)
    return found


@lru_cache(maxsize=64)
def _bundled(name: str) -> PropertyModel:
    from hanten.models.bundle import load_bundle

    path = LIBRARY / f"{name}{SUFFIX}"
    if not path.is_file():
        raise BundleError("is not in this installation", where=str(path))
    return load_bundle(path)
