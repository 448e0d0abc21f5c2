"""Log lines on standard output: static event names, ids as fields, nothing that a person wrote."""

import logging
import sys
from collections.abc import Callable

import orjson
import structlog


def configure(service: str, *, as_json: bool, level: int = logging.INFO) -> None:
    """Send every log line, libraries' too, through one format; tracebacks keep places and leave values out."""
    render: structlog.types.Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name(service),
    ]
    structlog.configure(
        processors=[*shared, _without_traceback, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[_quiet_library, _without_traceback, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("aiokafka", "uvicorn", "uvicorn.error", "uvicorn.access", "faststream", "httpx", "asyncio"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).propagate = True


def _to_json(line: structlog.types.EventDict, default: Callable[[object], object]) -> str:
    return orjson.dumps(line, default, orjson.OPT_NON_STR_KEYS).decode()


def _name(service: str) -> structlog.types.Processor:
    def add(_logger: object, _method: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
        return {"service": service, **line}

    return add


def _quiet_library(_logger: object, _method: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    """Keep what a library's line was, by its unfilled template: its values may be anything.

    asyncio fills its own in, from the second line on, with the error and what was under way.
    """
    record = line.pop("_record", None)
    line.pop("_from_structlog", None)
    if record is not None:
        template = str(record.msg).partition("\n")[0]
        if record.name == "aiokafka" or record.name.startswith("aiokafka."):
            template = template.partition("%")[0]
        line = {**line, "event": "library", "logger": record.name, "template": template[:200]}
    return line


def _without_traceback(_logger: object, _method: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    """Reduce an exception to its type: messages quote rows and input."""
    error = line.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
    return line
