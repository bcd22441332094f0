"""The parts of multipart/form-data, taken apart as they come: small fields, and one file whose bytes pass through.

RFC 7578. Fields may stand before or after the file. Nothing here waits or writes, and nothing is kept but the fields.
"""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from penstock.domain.errors import Invalid
from penstock.domain.faults import FaultCode

FILE_PART = "file"
_PARTS = 16
_FIELD_BYTES = 1024


def boundary_of(content_type: str) -> bytes:
    """What stands between the parts. Raises Invalid if this is no multipart/form-data."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise broken("not_multipart")
    return boundary


class PartsReader:
    """Fed with `read`, closed with `finish`; then `fields` and `file_name` are whole."""

    def __init__(self, boundary: bytes, file_limit: int) -> None:
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self._left = self._limit = file_limit
        self._parts = 0
        self._has_file = self._has_ended = False
        self._pieces: list[memoryview] = []
        self._start_part()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._start_part,
                    "on_header_field": self._take_header_name,
                    "on_header_value": self._take_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open_part,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise broken("parts_malformed") from error

    def read(self, piece: bytes) -> list[memoryview]:
        """What of the piece belongs to the file; views of it, or of the boundary. Raises Invalid."""
        self._pieces = []
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise broken("parts_malformed") from error
        return self._pieces

    def finish(self) -> None:
        """Raises Invalid if the end, or the file, never came."""
        if not self._has_ended:
            raise broken("ends_early")
        if not self._has_file:
            raise Invalid.of(FaultCode.FILE_PART_MISSING, FILE_PART)

    def _start_part(self) -> None:
        self._header_name, self._header_value = b"", b""
        self._disposition = b""
        self._name = ""
        self._field = b""

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name, self._header_value = b"", b""

    def _open_part(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise broken("parts_too_many")
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        self._name = _text(options.get(b"name", b""))
        if self._name in self.fields or (self._name == FILE_PART and self._has_file):
            raise broken("part_repeated")
        if self._name == FILE_PART:
            self._has_file = True
            self.file_name = _text(options.get(b"filename", b""))

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == FILE_PART:
            self._take_file(memoryview(data)[start:end])
        elif len(self._field) + end - start > _FIELD_BYTES:
            raise broken("field_too_long")
        else:
            self._field += data[start:end]

    def _take_file(self, piece: memoryview) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise Invalid.of(FaultCode.BODY_TOO_LARGE, FILE_PART, limit=self._limit)
        self._pieces.append(piece)

    def _end_part(self) -> None:
        if self._name != FILE_PART:
            self.fields[self._name] = _text(self._field)

    def _end(self) -> None:
        self._has_ended = True


def broken(why: str) -> Invalid:
    """The upload cannot be read; `why` is a key of `why_messages`."""
    return Invalid.of(FaultCode.UPLOAD_BROKEN, why=why)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise broken("parts_malformed") from error
