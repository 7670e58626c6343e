"""What answers about searches look like."""

from pydantic import BaseModel, ConfigDict, Field


class Hit(BaseModel):
    """A node that fits what was sought."""

    label: str = Field(description="The node's type.")
    id: str = Field(description="Its id: `source:id` where a source is named.")
    name: str | None = Field(
        description="Its name, masked where it is personal; null for what has none."
    )
    score: float = Field(description="How well it fits, 100 at best.", ge=0, le=100)


class Hits(BaseModel):
    """What was found, best first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [{"label": "Person", "id": "core:P204", "name": "欧*", "score": 100.0}]
            }
        }
    )

    items: list[Hit] = Field(description="The hits, best first.")
