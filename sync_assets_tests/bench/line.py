"""One figure of the bench beside its target. Not here: how it is measured, or where it is printed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """One measured figure beside its target."""

    what: str
    figure: float
    unit: str
    target: float
    at_most: bool
    detail: str

    @property
    def is_met(self) -> bool:
        """The figure is on the right side of its target."""
        return self.figure <= self.target if self.at_most else self.figure >= self.target

    def cells(self) -> tuple[str, ...]:
        """The line as the table shows it."""
        sign = "at most" if self.at_most else "at least"
        verdict = "met" if self.is_met else "MISSED"
        return (
            self.what,
            f"{self.figure:.4g} {self.unit}",
            f"{sign} {self.target:.3g} {self.unit}",
            verdict,
            self.detail,
        )
