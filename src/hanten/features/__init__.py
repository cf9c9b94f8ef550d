"""See CONTRIBUTING.md."""

from hanten.features.morgan import MorganFingerprint

__all__ = ["MorganFingerprint"]
