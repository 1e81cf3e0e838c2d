import inspect

from app import errors
from app.errors import KINDS, RequestError
from app.lenet.decoding.image_errors import ImageError


def leaves(kind: type[Exception]) -> set[type[Exception]]:
    return {leaf for child in kind.__subclasses__() for leaf in leaves(child) or {child}}


def test_every_kind_of_error_is_in_the_table() -> None:
    assert leaves(ImageError) | leaves(RequestError) == set(KINDS)


def test_codes_are_unique_and_stable() -> None:
    assert {kind.code: kind.status for kind in KINDS.values()} == {
        "malformed_request": 400,
        "several_files": 400,
        "unauthorised": 401,
        "not_found": 404,
        "unknown_model": 404,
        "method_not_allowed": 405,
        "upload_timeout": 408,
        "header_timeout": 408,
        "file_too_large": 413,
        "request_too_large": 413,
        "too_many_files": 413,
        "too_many_batch_pixels": 413,
        "too_many_pixels": 413,
        "unsupported_content_type": 415,
        "not_an_image": 415,
        "format_not_accepted": 415,
        "missing_file": 422,
        "invalid_parameter": 422,
        "invalid_tensor": 422,
        "empty_file": 422,
        "extreme_aspect": 422,
        "damaged_image": 422,
        "not_explainable": 422,
        "headers_too_large": 431,
        "internal_error": 500,
        "overloaded": 503,
        "deadline_exceeded": 503,
        "draining": 503,
        "not_ready": 503,
    }
    assert len({kind.code for kind in KINDS.values()}) == len(KINDS)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert all(kind.__name__ in (inspect.getdoc(errors) or "") for kind in KINDS)
