"""Pictures answered without the framework's machinery, where a request leaves that nothing to do."""

from pydantic_core import to_json
from starlette.types import ASGIApp, Receive, Scope, Send

from app import views
from app.errors import RequestError
from app.handlers import answer_defect, answer_error
from app.lenet.intake import ImageError
from app.middleware import NoStore
from app.service import Service
from app.upload import read_one

_NO_STORE = (b"cache-control", b"no-store")  # as NoStore marks answers


class Direct:
    """Around the whole application: answers a POST to /predict without query parameters and passes on all else.

    The framework spends more on its layers, on routing, on parameters that are not there and on checking an answer that
    the types have checked than all else of a request takes. tests/app/test_direct.py holds that the answers are the
    endpoint's, to the byte.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        """Stand before `app`, which has the endpoint too."""
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if (
            scope["type"] == "http"
            and scope["path"] == "/predict"
            and scope["method"] == "POST"
            and not scope["query_string"]
        ):
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = self._service
        try:
            with service.budget.account() as charge:
                upload = await read_one(scope, receive, service.upload_limits, charge)
                answer = await service.answer(upload, "auto")
            body = to_json(views.prediction_fields(answer, service.predictor.card, "auto"))
        except (ImageError, RequestError) as error:
            await NoStore(answer_error(error))(scope, receive, send)
            return
        except Exception:
            await answer_defect()(scope, receive, send)
            raise  # to the server, which logs where it was
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json"), _NO_STORE]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
