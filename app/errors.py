"""Every way a request can fail: one table from kinds of error to HTTP status and stable code.

Exception
├── ImageError                 a picture is refused (app.lenet.decoding.image_errors)
│   ├── EmptyImageError  NotAnImageError  FormatError  PixelLimitError  AspectLimitError  DamagedImageError
└── RequestError               a request fails before its picture is decoded
    ├── MalformedRequestError  SeveralFilesError  MissingFileError  InvalidParameterError  ContentTypeError
    ├── FileTooLargeError  RequestTooLargeError  TooManyFilesError  BatchPixelsError  UploadTimeoutError
    ├── HeaderTimeoutError  HeadersTooLargeError  UnknownModelError  InvalidTensorError
    ├── UnauthorisedError  NotFoundError  MethodNotAllowedError  NotExplainableError  InternalError
    └── OverloadedError  DeadlineError  DrainingError  NotReadyError

Messages are for clients: they say what was wrong with the request, and never name a file or a line of the service.
"""

from dataclasses import dataclass

from app.lenet.decoding.image_errors import (
    AspectLimitError,
    DamagedImageError,
    EmptyImageError,
    FormatError,
    NotAnImageError,
    PixelLimitError,
)


class RequestError(Exception):
    """A request cannot be answered; the message is fit for the client."""


class MalformedRequestError(RequestError):
    """The body does not follow its own content type."""


class SeveralFilesError(RequestError):
    """More than one picture where one is taken."""


class MissingFileError(RequestError):
    """The form has no field `file`."""


class InvalidParameterError(RequestError):
    """A query parameter is unknown, or has a value that is not accepted."""


class ContentTypeError(RequestError):
    """The body is neither a form nor a picture."""


class FileTooLargeError(RequestError):
    """A picture has too many bytes."""


class RequestTooLargeError(RequestError):
    """The body has too many bytes."""


class TooManyFilesError(RequestError):
    """A batch has too many pictures."""


class BatchPixelsError(RequestError):
    """The pictures of a batch before this one, and it, have too many pixels together."""


class UploadTimeoutError(RequestError):
    """The body did not arrive in time."""


class HeaderTimeoutError(RequestError):
    """The headers did not arrive in time."""


class HeadersTooLargeError(RequestError):
    """The headers have too many bytes."""


class UnauthorisedError(RequestError):
    """The request has no key, or none that is known."""


class NotFoundError(RequestError):
    """There is nothing at this path."""


class MethodNotAllowedError(RequestError):
    """The path takes other methods."""


class UnknownModelError(RequestError):
    """The Open Inference Protocol's path names a model or a version that is not served."""


class InvalidTensorError(RequestError):
    """A tensor is unknown, has another datatype or shape, or its data does not fit."""


class NotExplainableError(RequestError):
    """The served network does not show its layers."""


class OverloadedError(RequestError):
    """Too many requests are waiting already."""


class DeadlineError(RequestError):
    """The work on the request could not begin in time."""


class DrainingError(RequestError):
    """The service is about to end."""


class NotReadyError(RequestError):
    """The model does not answer as it should."""


class InternalError(RequestError):
    """A defect of the service."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How clients see one kind of error, with an example of its message."""

    status: int
    code: str
    example: str


KINDS: dict[type[Exception], Kind] = {
    MalformedRequestError: Kind(400, "malformed_request", "the multipart body ends before its last boundary"),
    SeveralFilesError: Kind(400, "several_files", "send one picture; /predict/batch takes many"),
    UnauthorisedError: Kind(401, "unauthorised", "send a key, as Authorization: Bearer ... or X-API-Key: ..."),
    NotFoundError: Kind(404, "not_found", "there is nothing at /predictions"),
    UnknownModelError: Kind(404, "unknown_model", "lenet is not served here; robust, version 8a5ac0f8566b, is"),
    MethodNotAllowedError: Kind(405, "method_not_allowed", "/predict does not take GET"),
    UploadTimeoutError: Kind(408, "upload_timeout", "the body did not arrive within 30 seconds"),
    HeaderTimeoutError: Kind(408, "header_timeout", "the headers did not arrive within 10 seconds"),
    FileTooLargeError: Kind(413, "file_too_large", "a picture may have at most 10,000,000 bytes"),
    RequestTooLargeError: Kind(413, "request_too_large", "the body may have at most 64,000,000 bytes"),
    TooManyFilesError: Kind(413, "too_many_files", "a batch may have at most 64 pictures"),
    BatchPixelsError: Kind(
        413,
        "too_many_batch_pixels",
        "a batch may have at most 200,000,000 decoded pixels; send this picture in another",
    ),
    PixelLimitError: Kind(
        413, "too_many_pixels", "the picture has 9000 x 9000 = 81,000,000 pixels; at most 50,000,000 are accepted"
    ),
    ContentTypeError: Kind(415, "unsupported_content_type", "application/json is not accepted; send a form"),
    NotAnImageError: Kind(415, "not_an_image", "the file is not a picture; accepted are PNG, JPEG"),
    FormatError: Kind(415, "format_not_accepted", "HEIC pictures are not accepted; send PNG, JPEG"),
    MissingFileError: Kind(422, "missing_file", "the form has no field called file"),
    InvalidParameterError: Kind(422, "invalid_parameter", "preprocessing: Input should be 'auto' or 'plain'"),
    InvalidTensorError: Kind(422, "invalid_tensor", "image: the datatype is FP32; UINT8 is accepted"),
    EmptyImageError: Kind(422, "empty_file", "the file is empty"),
    AspectLimitError: Kind(
        422, "extreme_aspect", "the picture measures 5000 x 10; at most 50 times as long as wide is accepted"
    ),
    DamagedImageError: Kind(422, "damaged_image", "the PNG picture is cut off or damaged"),
    NotExplainableError: Kind(422, "not_explainable", "only LeNet-5 shows its layers; another network is served"),
    HeadersTooLargeError: Kind(431, "headers_too_large", "a request's headers may have at most 65,536 bytes"),
    InternalError: Kind(500, "internal_error", "the service failed on this request; its log says more"),
    OverloadedError: Kind(503, "overloaded", "too many requests are waiting; try again in a second"),
    DeadlineError: Kind(503, "deadline_exceeded", "the service could not begin in time; try again in a second"),
    DrainingError: Kind(503, "draining", "the service is about to end; send requests elsewhere"),
    NotReadyError: Kind(503, "not_ready", "the model does not answer its reference digit as it should"),
}

PICTURE_ERRORS = (
    EmptyImageError,
    NotAnImageError,
    FormatError,
    PixelLimitError,
    AspectLimitError,
    DamagedImageError,
    FileTooLargeError,
)
UPLOAD_ERRORS = (
    MalformedRequestError,
    ContentTypeError,
    MissingFileError,
    InvalidParameterError,
    UploadTimeoutError,
    OverloadedError,
    DeadlineError,
)
HEALTH_ERRORS = (NotReadyError, OverloadedError)
READINESS_ERRORS = (*HEALTH_ERRORS, DrainingError)
