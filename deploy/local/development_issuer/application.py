"""The issuer's HTTP face: discovery, keys, the sign-in page and the token endpoint."""

from collections.abc import Mapping
from importlib.resources import files
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.local.development_issuer.people import REGISTERED, Person
from deploy.local.development_issuer.sign_in import AuthorizationRequest, Codes, RequestRefused, check_redirect, check_request
from deploy.local.development_issuer.tokens import ALGORITHM, DEFAULT_SECONDS, LONGEST_SECONDS, Grant, Signer

_PACKAGE = "deploy.local.development_issuer"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE_HEADERS = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def _form(request: Request) -> Mapping[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Form = Annotated[Mapping[str, str], Depends(_form)]


class Issuer:
    """What the endpoints do, for one set of people."""

    def __init__(self, signer: Signer, people: Mapping[str, Person]) -> None:
        self._signer = signer
        self._people = people
        self._codes = Codes()
        self._page = Environment(loader=PackageLoader(_PACKAGE, "."), autoescape=True, undefined=StrictUndefined).get_template(
            "sign_in.html"
        )

    async def configuration(self) -> dict[str, object]:
        """Describe the issuer, after OpenID Connect Discovery."""
        issuer = self._signer.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid"],
        }

    async def keys(self) -> dict[str, object]:
        """Give the keys that verify the tokens."""
        return self._signer.public_keys()

    async def authorize(self, request: Request) -> Response:
        """Show who may sign in; send the browser back with a code once `login` names one of them."""
        parameters = dict(request.query_params)
        address = check_redirect(parameters)
        try:
            checked = check_request(parameters)
            if "login" not in parameters:
                return self._sign_in_page(parameters)
            code = self._codes.give(checked, self._person(parameters["login"], "access_denied"))
        except RequestRefused as refused:
            back = AuthorizationRequest("", address, "", parameters.get("state"), None)
            return RedirectResponse(back.redirect(error=refused.code, error_description=refused.description), 302)
        return RedirectResponse(checked.redirect(code=code, iss=self._signer.issuer), 302)

    async def token(self, form: Form) -> Response:
        """Answer a token request: a code with its PKCE verifier, or `client_credentials` with a person's login as client_id."""
        match form.get("grant_type"):
            case "authorization_code":
                signed_in = self._codes.redeem(form)
                grant = Grant(signed_in.person, signed_in.request.client_id, _purpose(form, signed_in.person), _seconds(form))
                extra = {"id_token": self._signer.id_token(grant, signed_in.request.nonce), "scope": "openid"}
            case "client_credentials":
                person = self._person(form.get("client_id", ""), "invalid_client")
                purpose, registered = _purpose(form, person), _registered(form, person)
                grant = Grant(person, person.login, purpose, _seconds(form), _demonstration(form), registered)
                extra = {}
            case _:
                raise RequestRefused("unsupported_grant_type", "grant_type must be authorization_code or client_credentials")
        answer = {"access_token": self._signer.access_token(grant), "token_type": "Bearer", "expires_in": grant.seconds}
        return JSONResponse(answer | extra, headers=_NOT_KEPT)

    def _person(self, login: str, code: str) -> Person:
        if login not in self._people:
            raise RequestRefused(code, "no such login; the page /authorize lists them all")
        return self._people[login]

    def _sign_in_page(self, parameters: dict[str, str]) -> Response:
        groups = [
            (name, [(person, f"?{urlencode(parameters | {'login': person.login})}") for person in group])
            for name, group in groupby(self._people.values(), key=lambda person: person.organisation_name)
        ]
        return HTMLResponse(self._page.render(groups=groups), headers=_PAGE_HEADERS | _NOT_KEPT)


def create_application(signer: Signer, people: Mapping[str, Person]) -> FastAPI:
    """Build the application; it answers on loopback names and its own only, so that no foreign page can reach it by DNS rebinding."""
    issuer = Issuer(signer, people)
    style = (files(_PACKAGE) / "sign_in.css").read_text(encoding="utf-8")
    application = FastAPI(title="Ancora development issuer", docs_url=None, redoc_url=None, openapi_url=None)
    application.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", urlsplit(signer.issuer).hostname or ""])
    application.add_exception_handler(RequestRefused, _answer_refusal)
    application.get("/.well-known/openid-configuration")(issuer.configuration)
    application.get("/jwks")(issuer.keys)
    application.get("/authorize", response_model=None)(issuer.authorize)
    application.post("/token", response_model=None)(issuer.token)
    application.get("/sign-in.css", response_model=None)(lambda: Response(style, media_type="text/css"))
    return application


async def _answer_refusal(_request: Request, refused: Exception) -> Response:
    if not isinstance(refused, RequestRefused):
        raise refused
    status = 401 if refused.code == "invalid_client" else 400
    return JSONResponse({"error": refused.code, "error_description": refused.description}, status, headers=_NOT_KEPT)


def _purpose(form: Mapping[str, str], person: Person) -> str:
    purpose = form.get("purpose", person.purposes[0])
    if purpose not in person.purposes:
        raise RequestRefused("invalid_request", f"purpose must be one for which a {person.role} acts: {', '.join(person.purposes)}")
    return purpose


def _registered(form: Mapping[str, str], person: Person) -> UUID | None:
    if "person" not in form:
        return None
    if person.role not in REGISTERED:
        raise RequestRefused("invalid_request", "person is for roles that stand in a register")
    try:
        return UUID(form["person"])
    except ValueError:
        raise RequestRefused("invalid_request", "person must be the id under which they are registered") from None


def _seconds(form: Mapping[str, str]) -> int:
    text = form.get("expires_in", str(DEFAULT_SECONDS))
    if not text.isdecimal() or not 0 < int(text) <= LONGEST_SECONDS:
        raise RequestRefused("invalid_request", f"expires_in must be from 1 to {LONGEST_SECONDS} seconds")
    return int(text)


def _demonstration(form: Mapping[str, str]) -> bool:
    if form.get("clock", "demonstration") != "demonstration":
        raise RequestRefused("invalid_request", "clock must be demonstration, or left out")
    return "clock" in form
