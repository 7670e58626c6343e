"""What a copy says of itself."""

from pydantic import BaseModel


class CopiedPart(BaseModel):
    """A type of nodes or edges or a kind of record: how many there are, and the sum of their
    hashes."""

    name: str
    count: int
    checksum: str


class CopyReport(BaseModel):
    """What was copied; the target was read again and holds the same."""

    parts: list[CopiedPart]
    seconds: float

    @property
    def count(self) -> int:
        """Everything together."""
        return sum(part.count for part in self.parts)


class CopyEvent(BaseModel):
    """One message from the process that copies.

    `text` says what is being done, the `done`th of `total` steps; `report`: it is through;
    `error_type` and `error`: it ended with an error of `graphcrm.errors`.
    """

    text: str = ""
    done: int = 0
    total: int = 0
    report: CopyReport | None = None
    error_type: str = ""
    error: str = ""
