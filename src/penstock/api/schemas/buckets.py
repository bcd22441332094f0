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


class LocationIn(BaseModel):
    """Where a bucket lies in the object store."""

    model_config = ConfigDict(frozen=True, title="Location")

    location: Text = Field("", description="BUCKET or BUCKET/PREFIX, of the store's own.", examples=["orders/logs"])


class BucketOut(BaseModel):
    """A bucket; jobs may name it once it is authorised. `location` is where an operator mapped it to, or null."""

    name: str
    authorised: bool
    created_at: datetime
    location: str | None

    @classmethod
    def from_bucket(cls, bucket: Bucket) -> "BucketOut":
        location = str(bucket.location) if bucket.location else None
        return cls(name=bucket.name, authorised=bucket.authorised, created_at=bucket.created_at, location=location)


class BucketsOut(BaseModel):
    """Every bucket of the project, in the order of the names."""

    buckets: list[BucketOut]

    @classmethod
    def from_buckets(cls, buckets: Iterable[Bucket]) -> "BucketsOut":
        return cls(buckets=[BucketOut.from_bucket(bucket) for bucket in buckets])


class MappedBucketOut(BucketOut):
    """A bucket with the id of its project."""

    project_id: str


class MappedBucketsOut(BaseModel):
    """Those of every project that are mapped, by project and name."""

    buckets: list[MappedBucketOut]

    @classmethod
    def from_buckets(cls, buckets: Iterable[Bucket]) -> "MappedBucketsOut":
        shown = [(BucketOut.from_bucket(bucket), bucket.project_id) for bucket in buckets]
        return cls(buckets=[MappedBucketOut(**out.model_dump(), project_id=project) for out, project in shown])


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
