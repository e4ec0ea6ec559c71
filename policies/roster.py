"""Which unit belongs to which pool, and since when (the units file of CONTRACT section 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Unit:
    """A handling unit (承办单位) as the roster lists it; `from_on` and `to_on` bound the days it counts."""

    unit: str
    pool: str
    name: str = ""
    category: str = ""
    counterpart: str = ""
    from_on: date | None = None
    to_on: date | None = None

    def on(self, day: date) -> bool:
        """Whether the listing holds on that day."""
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)

    def during(self, first_on: date, last_on: date) -> bool:
        """Whether the listing holds on a day of a period."""
        begins = self.from_on or date.min
        return begins <= last_on and (self.to_on is None or self.to_on >= first_on)


class Roster:
    """
    The units of a run.

    Without a units file every unit is in the policy's first pool; with one, a unit that is
    missing has no pool (None).
    """

    def __init__(self, units: Iterable[Unit] | None, first_pool: str) -> None:
        self.given = units is not None
        self.units = tuple(units or ())
        self._first_pool = first_pool
        listings: dict[str, tuple[Unit, ...]] = {}
        for unit in self.units:
            listings[unit.unit] = (*listings.get(unit.unit, ()), unit)
        self.listings: Mapping[str, tuple[Unit, ...]] = listings

    def pool_of(self, unit: str, day: date) -> str | None:
        """Name the pool of `unit` on that day; None for a unit the roster does not know then."""
        if not self.given:
            return self._first_pool
        for listing in self.listings.get(unit, ()):
            if listing.on(day):
                return listing.pool
        return None

    def pool_in(self, unit: str, first_on: date, last_on: date) -> str | None:
        """Name the pool of `unit` in a period: that of its last listing that holds on a day of it."""
        if not self.given:
            return self._first_pool
        found: Unit | None = None
        for listing in self.listings.get(unit, ()):
            later = found is None or (listing.from_on or date.min) >= (found.from_on or date.min)
            if later and listing.during(first_on, last_on):
                found = listing
        return found.pool if found else None
