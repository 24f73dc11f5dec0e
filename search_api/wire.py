"""What every answer on the wire is, and the parts of answers that several modules make."""

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """A part of an answer: these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaceItem(Wire):
    """Where else a hit's text stands, word for word or nearly so."""

    id: str
    number: str | None
    title: str | None
    name: str = Field(description="loại và số, ký hiệu của văn bản, hoặc trích yếu của nó")
    anchor: str = Field(description="điều có cùng nội dung; rỗng khi là cả văn bản")
    label: str = Field(description="tên gọi của điều đó: Điều 2; rỗng khi là cả văn bản")
    url: str
