"""Pages that are printed or kept: they carry their style with them, and load and run nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from datetime import date


class Printed:
    """A page of a service. Its template includes its style, which is known by its hash, and nothing else is applied."""

    def __init__(self, package: str, name: str) -> None:
        """Find `name`.html and `name`.css in the package's templates; raises jinja2's `TemplateNotFound`."""
        templates = Environment(
            loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        style = b64encode(sha256(templates.get_template(f"{name}.css").render().encode()).digest()).decode()
        self._page = templates.get_template(f"{name}.html")
        self._policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    def answer(self, **told: object) -> HTMLResponse:
        """Return the page: the same facts give the same page. Raises jinja2's `UndefinedError` where the template misses one."""
        return HTMLResponse(self._page.render(day=italian_day, **told), headers={"Content-Security-Policy": self._policy})


def italian_day(day: date | None) -> str:
    """Return a day as it is written in Italy; nothing where there is none."""
    return "" if day is None else f"{day.day:02}/{day.month:02}/{day.year}"
