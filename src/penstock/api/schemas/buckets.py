"""Buckets and objects on the wire: DLI's authorisation, and our own plain REST."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from penstock.api.oddities import Integer, Text, Texts
from penstock.domain.bucket import Bucket
from penstock.ports.object_store import ObjectInfo, ObjectPage


class AuthoriseIn(BaseModel):
    """Which buckets jobs may name from now on (dli: "Granting OBS bucket permissions to DLI")."""

    model_config = ConfigDict(frozen=True, title="Buckets")

    obs_buckets: Texts = Field((), description="Names of buckets of the project.", examples=[["testBucket"]])


class ObjectsQuery(BaseModel):
    """Which objects to list; a cursor is the key that the page before ended with."""

    model_config = ConfigDict(frozen=True)

    prefix: Text = ""
    limit: Integer = 100
    cursor: Text = ""


class BucketOut(BaseModel):
    """A bucket; jobs may name it once it is authorised."""

    name: str
    authorised: bool
    created_at: datetime

    @classmethod
    def from_bucket(cls, bucket: Bucket) -> "BucketOut":
        return cls(name=bucket.name, authorised=bucket.authorised, created_at=bucket.created_at)


class BucketsOut(BaseModel):
    """Every bucket of the project, in the order of the names."""

    buckets: list[BucketOut]

    @classmethod
    def from_buckets(cls, buckets: Iterable[Bucket]) -> "BucketsOut":
        return cls(buckets=[BucketOut.from_bucket(bucket) for bucket in buckets])


class ObjectOut(BaseModel):
    """An object without its bytes."""

    key: str
    size: int
    modified: datetime

    @classmethod
    def from_info(cls, info: ObjectInfo) -> "ObjectOut":
        return cls(key=info.key, size=info.size, modified=info.modified)


class ObjectPageOut(BaseModel):
    """`next` is the cursor of the following page, or null."""

    objects: list[ObjectOut]
    next: str | None

    @classmethod
    def from_page(cls, page: ObjectPage) -> "ObjectPageOut":
        return cls(objects=[ObjectOut.from_info(info) for info in page.objects], next=page.next)
