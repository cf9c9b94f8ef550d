"""A limit on memory that the operating system keeps."""

from __future__ import annotations

from hanten.errors import ConfigError


def limit_memory(gigabytes: float | None) -> None:
    """Let this process have no more memory than this; what asks for more raises ``MemoryError``.

    Parameters
    ----------
    gigabytes : float or None
        Of address space; ``None`` sets no limit. At least 0.5: less does not hold the program itself.

    Raises
    ------
    ConfigError
        If the number makes no sense, or the system cannot limit memory.

    Examples
    --------
    >>> limit_memory(None)
    >>> limit_memory(0.1)
    Traceback (most recent call last):
    hanten.errors.ConfigError: a memory limit of 0.1 GB (at least 0.5)
    """
    if gigabytes is None:
        return
    if not 0.5 <= gigabytes < float("inf"):
        raise ConfigError(f"a memory limit of {gigabytes:g} GB", hint="at least 0.5")
    try:
        import resource
    except ImportError as error:
        raise ConfigError("this system cannot limit memory", hint="leave the option out") from error
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = int(gigabytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
