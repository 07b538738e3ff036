"""Putting the application together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from carveout.api import metrics
from carveout.api.adjudications import adjudications_router
from carveout.api.alert_pages import alert_pages
from carveout.api.alerts import alerts_router, hooks_router
from carveout.api.answer_pages import answer_pages
from carveout.api.at_home import AtHome
from carveout.api.audit_routes import audit_router
from carveout.api.calendar import calendar_router
from carveout.api.change_pages import change_pages
from carveout.api.changes import Asked, Reporting, changes_router
from carveout.api.checks import checks_router
from carveout.api.gate import Gate
from carveout.api.guard import Guard
from carveout.api.identity import Identity
from carveout.api.law_in_force import LawInForce
from carveout.api.list_offers import Offering, list_offers_router
from carveout.api.lists import lists_router
from carveout.api.logs import keep_names_out
from carveout.api.openapi import openapi
from carveout.api.owners import owners_router
from carveout.api.pages import Pages, pages_router
from carveout.api.people import people_router
from carveout.api.people_pages import people_pages
from carveout.api.portfolio import portfolio_router
from carveout.api.problems import Problem, from_parameters, problem_response
from carveout.api.recording import Recording
from carveout.api.reference import reference_router
from carveout.api.search import search_router
from carveout.api.settings import Settings
from carveout.api.sign_in import provider_of, sign_in_router
from carveout.api.store_keeping import Keeper, no_room
from carveout.api.store_routes import store_router
from carveout.api.tags import Unchanged, unchanged
from carveout.api.watching import Watching
from carveout.engine import Engine, __version__
from carveout.engine.decide.kept import engine_at

STATIC = Path(__file__).resolve().parent / "static"


def create_app(rules: Path | None = None, *, engine: Engine | None = None, settings: Settings | None = None) -> FastAPI:
    """The application, for a folder of rules (left out: as set, else the shipped ones) or an engine at hand.

    Raises RuleError where the rules cannot be used, one of KeptFault where what is kept cannot.
    """
    keep_names_out()
    settings = settings or Settings.from_environment()
    if engine is None:
        engine = engine_at(settings.home, rules or settings.rules, threshold=settings.threshold)
    at_home = AtHome(engine, settings.home)
    # No interactive documentation: those pages fetch scripts from elsewhere.
    app = FastAPI(
        title="Carveout",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        # FastAPI's own would send paths and queries away, with the names in them, and what errors say.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        lifespan=_closing,
    )
    app.state.engine = engine
    keeper = Keeper(engine, settings)
    app.state.keeper = keeper
    law = app.state.law = LawInForce(engine, lambda: keeper.store)
    watching = app.state.watching = Watching(engine, keeper, law, at_home, settings)
    in_step = [Depends(at_home.refresh), Depends(law.refresh)]
    pages = Pages(engine, settings, keeper)
    asked, reporting = Asked(keeper), Reporting(engine, keeper)
    app.state.reporting = reporting
    api = APIRouter(prefix="/v1", dependencies=in_step)
    api.include_router(checks_router(engine, keeper))
    api.include_router(store_router(engine, keeper, pages.evidence, settings))
    api.include_router(changes_router(engine, keeper, asked, reporting))
    api.include_router(calendar_router(engine, keeper, settings))
    api.include_router(portfolio_router(engine, keeper, watching))
    api.include_router(alerts_router(keeper))
    api.include_router(hooks_router(keeper, settings))
    api.include_router(audit_router(keeper))
    api.include_router(reference_router(engine))
    offering = Offering(settings, at_home, keeper)
    api.include_router(list_offers_router(offering, keeper))
    api.include_router(lists_router(settings, at_home, keeper, offering))
    api.include_router(owners_router(at_home, keeper))
    api.include_router(search_router(engine, keeper))
    api.include_router(adjudications_router(engine, keeper, settings))
    identity = app.state.identity = Identity(keeper, settings)
    app.include_router(people_router(keeper, identity))  # which ask nothing of the lists and the law
    app.include_router(api)
    app.include_router(sign_in_router(pages, keeper, identity, provider_of(settings)), include_in_schema=False)
    app.include_router(pages_router(pages), include_in_schema=False, dependencies=in_step)
    app.include_router(change_pages(pages, asked, reporting), include_in_schema=False, dependencies=in_step)
    app.include_router(
        answer_pages(pages, keeper, settings, engine, offering), include_in_schema=False, dependencies=in_step
    )
    app.include_router(people_pages(pages, keeper, identity), include_in_schema=False)
    app.include_router(alert_pages(pages, keeper), include_in_schema=False, dependencies=in_step)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.openapi = _once(partial(openapi, app, engine), lambda: engine.rules)  # type: ignore[method-assign]
    refuse = partial(_refusal, pages)
    app.add_middleware(Gate, identity=identity, settings=settings, refuse=refuse)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Recording)  # the outermost
    app.add_route("/metrics", _metrics, include_in_schema=False)
    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(RequestValidationError, _parameters)  # type: ignore[arg-type]
    app.add_exception_handler(OSError, no_room)  # type: ignore[arg-type]
    app.add_exception_handler(Unchanged, unchanged)
    return app


@asynccontextmanager
async def _closing(app: FastAPI) -> AsyncIterator[None]:
    app.state.watching.begin()
    yield
    await run_in_threadpool(app.state.watching.close)
    await run_in_threadpool(app.state.law.close)
    await run_in_threadpool(app.state.keeper.close)


def _once(make: Any, of: Any) -> Any:
    """What is made once for each state of something."""
    kept: list[Any] = []

    def get() -> Any:
        if not kept or kept[0] is not of():
            kept[:] = [of(), make()]
        return kept[1]

    return get


def _refusal(pages: Pages, request: Request, error: HTTPException) -> Response:
    kind, errors = (error.kind, error.errors) if isinstance(error, Problem) else (None, ())
    if not request.url.path.startswith("/v1") and "text/html" in request.headers.get("accept", ""):
        if error.status_code == 401:
            return pages.sign_in(error.status_code, "")
        return pages.refusal(error.status_code, str(error.detail))
    detail = str(error.detail)
    if error.status_code == 405 and error.headers:
        detail = f"Here one can {error.headers.get('Allow', '')}."
    return problem_response(error.status_code, kind, detail, errors, error.headers)


async def _parameters(_: Request, error: RequestValidationError) -> Response:
    problem = from_parameters(error)
    return problem_response(problem.status_code, problem.kind, str(problem.detail), problem.errors)


def _metrics(_: Request) -> Response:
    return Response(metrics.shown(), media_type=metrics.MEDIA_TYPE)
