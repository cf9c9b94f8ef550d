"""Named checks as a report shows them; the class itself belongs to the room that first asks."""

from hanten.design.checks import Check, Status

__all__ = ["Check", "Status"]
