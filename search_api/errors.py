"""Errors as answers: one table from what went wrong to an RFC 9457 problem document, or to a page for people."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import falcon

from indexer import errors
from search_api.render import Problem

log = logging.getLogger(__name__)

API_PATHS = ("/api/", "/healthz", "/readyz", "/openapi.json")
PROBLEM_TYPE = "application/problem+json"


class OriginalUnavailable(errors.CongbaoError):
    """The original file of a document is gone or is no longer the file that was indexed."""


class _Row(NamedTuple):
    kind: type[Exception]
    status: int
    code: str  # ends the problem's type
    title: str
    detail: str | None = None  # None: the error's own sentence is fit for readers


# The first row that fits an error tells of it.
_TABLE = (
    _Row(errors.BadQuery, 400, "bad-parameter", "Tham số không đúng"),
    _Row(errors.UnknownDocument, 404, "no-document", "Không có văn bản này", "Văn bản không có hoặc không được công khai."),
    _Row(OriginalUnavailable, 404, "no-original", "Không có bản gốc"),
    _Row(errors.IndexMissing, 503, "no-index", "Chưa tìm kiếm được", "Chỉ mục chưa được lập, xin quay lại sau."),
    _Row(errors.IndexOutdated, 503, "no-index", "Chưa tìm kiếm được", "Chỉ mục đang chờ lập lại, xin quay lại sau."),
    _Row(errors.IndexDamaged, 503, "no-index", "Chưa tìm kiếm được", "Chỉ mục không đọc được, xin quay lại sau."),
    _Row(errors.CongbaoError, 503, "not-ready", "Dịch vụ tạm ngừng", "Dữ liệu chưa sẵn sàng, xin quay lại sau."),
    _Row(falcon.HTTPRouteNotFound, 404, "no-page", "Không có trang này", "Địa chỉ không đúng hoặc trang đã được gỡ."),
    _Row(falcon.HTTPMethodNotAllowed, 405, "method", "Phương thức không dùng được", "Địa chỉ này chỉ nhận GET, HEAD và OPTIONS."),
    _Row(falcon.HTTPUriTooLong, 414, "too-long", "Địa chỉ quá dài", "Hãy rút ngắn câu hỏi hoặc bớt bộ lọc."),
    _Row(falcon.HTTPBadRequest, 400, "bad-request", "Yêu cầu không đúng", "Máy chủ không đọc được yêu cầu này."),
)
_UNEXPECTED = _Row(
    Exception, 500, "internal", "Lỗi của hệ thống", "Yêu cầu chưa được thực hiện vì lỗi của hệ thống; lỗi đã được ghi lại."
)


def problem_of(error: Exception) -> Problem:
    """Return the problem document that tells a reader about `error`, without anything internal."""
    row = next((row for row in _TABLE if isinstance(error, row.kind)), _UNEXPECTED)
    return Problem(
        type=f"urn:problem-type:congbao:{row.code}",
        title=row.title,
        status=row.status,
        detail=row.detail or str(error),
        parameter=error.parameter if isinstance(error, errors.BadQuery) else None,
    )


def answer_errors(app: falcon.App[Any, Any], page: Callable[[Problem], str]) -> None:
    """Make every error that leaves a resource of `app` an answer; `page` renders it for people."""

    def answer(req: falcon.Request, resp: falcon.Response, error: Exception, _params: dict[str, Any]) -> None:
        problem = problem_of(error)
        if problem.status >= 500:
            log.error("%s %s: %s", req.method, req.path, error, exc_info=error if problem.status == 500 else None)
        resp.status = falcon.code_to_http_status(problem.status)
        resp.set_header("Cache-Control", "no-store")
        resp.delete_header("ETag")  # of the answer that was about to be
        if problem.status == 503:
            resp.set_header("Retry-After", "30")
        if isinstance(error, falcon.HTTPError):
            resp.set_headers(error.headers or {})
        if req.path.startswith(API_PATHS):
            resp.content_type = PROBLEM_TYPE
            resp.text = problem.model_dump_json(exclude_none=True)
        else:
            resp.content_type = falcon.MEDIA_HTML
            resp.text = page(problem)

    app.add_error_handler(Exception, answer)
    app.add_error_handler(falcon.HTTPError, answer)
