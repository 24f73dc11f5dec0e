"""Errors as answers: one table from what went wrong to an RFC 9457 problem document, or to a page for people."""

import logging
from collections.abc import Callable
from typing import Any

import falcon

from indexer import errors
from search_api.render import Problem

log = logging.getLogger(__name__)

API_PATHS = ("/api/", "/healthz", "/readyz", "/openapi.json")
PROBLEM_TYPE = "application/problem+json"


class OriginalUnavailable(errors.CongbaoError):
    """The original file of a document is gone or is no longer the file that was indexed."""


# First match wins. The title is what a person reads first; a detail of None keeps the error's own sentence from the reader.
_TABLE: tuple[tuple[type[Exception], int, str, str | None], ...] = (
    (errors.BadQuery, 400, "Tham số không đúng", ""),
    (errors.UnknownDocument, 404, "Không có văn bản này", "Văn bản không có hoặc không được công khai."),
    (OriginalUnavailable, 404, "Không có bản gốc", ""),
    (errors.IndexMissing, 503, "Chưa tìm kiếm được", "Chỉ mục chưa được lập, xin quay lại sau."),
    (errors.IndexOutdated, 503, "Chưa tìm kiếm được", "Chỉ mục đang chờ lập lại, xin quay lại sau."),
    (errors.IndexDamaged, 503, "Chưa tìm kiếm được", "Chỉ mục không đọc được, xin quay lại sau."),
    (errors.CongbaoError, 503, "Dịch vụ tạm ngừng", "Dữ liệu chưa sẵn sàng, xin quay lại sau."),
    (falcon.HTTPRouteNotFound, 404, "Không có trang này", "Địa chỉ không đúng hoặc trang đã được gỡ."),
    (falcon.HTTPMethodNotAllowed, 405, "Phương thức không dùng được", "Địa chỉ này chỉ nhận GET và HEAD."),
    (falcon.HTTPUriTooLong, 414, "Địa chỉ quá dài", "Hãy rút ngắn câu hỏi hoặc bớt bộ lọc."),
)
_UNEXPECTED = (500, "Lỗi của hệ thống", "Yêu cầu chưa được thực hiện vì lỗi của hệ thống; lỗi đã được ghi lại.")


def problem_of(error: Exception) -> Problem:
    """Return the problem document that tells a reader about `error`, without anything internal."""
    for kind, status, title, detail in _TABLE:
        if isinstance(error, kind):
            parameter = error.parameter if isinstance(error, errors.BadQuery) else None
            return Problem(status=status, title=title, detail=detail or str(error), parameter=parameter)
    if isinstance(error, falcon.HTTPError) and error.status_code < 500:
        return Problem(status=error.status_code, title="Yêu cầu không đúng", detail="Máy chủ không đọc được yêu cầu này.")
    status, title, sentence = _UNEXPECTED
    return Problem(status=status, title=title, detail=sentence)


def answer_errors(app: falcon.App[Any, Any], page: Callable[[Problem], str]) -> None:
    """Make every error that leaves a resource of `app` an answer; `page` renders it for people."""

    def answer(req: falcon.Request, resp: falcon.Response, error: Exception, _params: dict[str, Any]) -> None:
        problem = problem_of(error)
        if problem.status >= 500:
            log.error("%s %s: %s", req.method, req.path, error, exc_info=error if problem.status == 500 else None)
        resp.status = falcon.code_to_http_status(problem.status)
        resp.set_header("Cache-Control", "no-store")
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
