"""What answers about searches look like."""

from pydantic import BaseModel, ConfigDict, Field

from graphcrm.model import VOCABULARY

_OF_A_PERSON = {p.name: p for p in VOCABULARY.nodes["Person"].properties}


class Branch(BaseModel):
    """A branch."""

    id: str = Field(description="Its id.", examples=["DEP0000027"])
    name: str | None = Field(None, description="Its name.", examples=["南山营业部"])


class Hit(BaseModel):
    """A node that fits what was sought."""

    label: str = Field(description="The node's type.")
    id: str = Field(description="Its id: `source:id` where a source is named.")
    name: str | None = Field(
        description="Its name, masked where it is personal; null for what has none."
    )
    score: float = Field(description="How well it fits, 100 at best.", ge=0, le=100)
    birth_year: int | None = Field(
        None, description="A person's year of birth, also where more of it is masked."
    )
    sex: str | None = Field(None, description=f"{_OF_A_PERSON['sex'].description} Masked as such.")
    region: str | None = Field(
        None,
        description="Where a customer lives or sits, down to the district at most.",
        examples=["广东省深圳市南山区"],
    )
    policies: int | None = Field(
        None, description="How many policies a customer holds, of those that you see."
    )
    branch: Branch | None = Field(
        None,
        description="The branch that serves most of their policies in force, of those that you "
        "see, else the one that wrote most, else that entered the record; of an agent theirs.",
    )


class Hits(BaseModel):
    """What was found, best first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "label": "Person",
                        "id": "core:P204",
                        "name": "欧*",
                        "score": 100.0,
                        "birth_year": 1988,
                        "sex": "***",
                        "region": "广东省深圳市南山区",
                        "policies": 2,
                        "branch": {"id": "DEP0000027", "name": "南山营业部"},
                    }
                ]
            }
        }
    )

    items: list[Hit] = Field(description="The hits, best first.")
