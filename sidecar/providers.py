"""Signing in with an account at GitHub or Google: the way there, the way back, and what they told.

What must be known again on the way back (state, nonce, the verifier of PKCE) lies sealed in a cookie
of the browser, so nothing is written for whoever only sets off.  Addresses count only where the
provider says they are verified.  What a provider told is never taken for more than it says.

    set_off(settings, GITHUB, then="/account/")   → where to send the browser, and the cookie
    await come_back(settings, GITHUB, cookie, query)   → Told, or `Failed` with words for the visitor
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from sidecar.clock import now
from sidecar.sealing import Unreadable, Use, seal, unseal
from sidecar.settings import Settings

if TYPE_CHECKING:
    import httpx

GOOD_FOR = datetime.timedelta(minutes=10)
SECONDS = 10
LARGEST = 1_000_000
SIGNED_BY = ["RS256", "ES256"]


class Provider(NamedTuple):
    """Somewhere people have accounts already."""

    name: str
    title: str
    scope: str


GITHUB = Provider("github", "GitHub", "read:user user:email")
GOOGLE = Provider("google", "Google", "openid email profile")
PROVIDERS = {provider.name: provider for provider in (GITHUB, GOOGLE)}


class Journey(msgspec.Struct, frozen=True):
    """What the browser keeps, sealed, while it is at the provider's."""

    provider: str
    state: str
    nonce: str
    verifier: str
    then: str
    user: int
    at: datetime.datetime


class Departure(NamedTuple):
    """Where the browser is sent, and the cookie it takes along."""

    address: str
    cookie: str


class Told(msgspec.Struct, frozen=True):
    """What a provider told of somebody; `email` is empty unless it is verified there.

    `user` is the account that asked to be linked, or 0.
    """

    provider: str
    subject: str
    name: str
    full_name: str
    email: str
    then: str = "/"
    user: int = 0


class Failed(Exception):
    """It did not work; the words are for the visitor, the status for the answer."""

    def __init__(self, words: str, status: int = 403) -> None:
        super().__init__(words)
        self.words, self.status = words, status


class Ends(NamedTuple):
    """The addresses of a provider; `issuer` and `keys` where it speaks OpenID Connect."""

    authorize: str
    token: str
    issuer: str = ""
    keys: str = ""


def identity_of(settings: Settings, provider: Provider) -> tuple[str, str]:
    """Our id and secret at a provider; empty where it is not set up."""
    if provider is GITHUB:
        return settings.github_id, settings.github_secret
    return settings.google_id, settings.google_secret


def offered(settings: Settings) -> list[Provider]:
    """The providers that are set up; others have no button."""
    return [each for each in PROVIDERS.values() if all(identity_of(settings, each))]


def callback_of(settings: Settings, provider: Provider) -> str:
    """Where a provider sends the browser back to; registered there letter by letter."""
    return f"{settings.url}/account/with/{provider.name}/back"


async def set_off(
    settings: Settings, provider: Provider, *, then: str = "/", user: int = 0
) -> Departure:
    """The way to a provider."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    journey = Journey(provider.name, state, nonce, verifier, then, user, now())
    digest = hashlib.sha256(journey.verifier.encode()).digest()
    query = {
        "client_id": identity_of(settings, provider)[0],
        "redirect_uri": callback_of(settings, provider),
        "response_type": "code",
        "scope": provider.scope,
        "state": journey.state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    if provider is GOOGLE:
        query |= {"nonce": journey.nonce, "prompt": "select_account"}
    async with _client() as client:
        ends = await _ends(settings, provider, client)
    kept = msgspec.json.encode(journey).decode()
    return Departure(f"{ends.authorize}?{urlencode(query)}",
                     seal(settings.secret, Use.PROVIDERS, "browser", kept))  # fmt: skip


def journey_of(settings: Settings, provider: Provider, cookie: str, state: str) -> Journey:
    """The journey that a browser comes back from, if it is its own and was begun a moment ago."""
    lost = Failed(
        f"You did not come here from {provider.title} in the way you set off, or it took too long. "
        "Nothing was changed; begin again."
    )
    try:
        kept = unseal(settings.secret, Use.PROVIDERS, "browser", cookie)
        journey = msgspec.json.decode(kept, type=Journey)
    except (Unreadable, msgspec.DecodeError):
        raise lost from None
    is_same = hmac.compare_digest(journey.state.encode(), state.encode("utf-8", "replace"))
    if not is_same or journey.provider != provider.name or now() - journey.at > GOOD_FOR:
        raise lost
    return journey


async def come_back(
    settings: Settings, provider: Provider, cookie: str, query: Mapping[str, str]
) -> Told:
    """What the provider tells of whoever came back."""
    journey = journey_of(settings, provider, cookie, query.get("state", ""))
    if query.get("error"):
        raise Failed(f"{provider.title} did not let you in, or you said no there.")
    async with _client() as client:
        ends = await _ends(settings, provider, client)
        tokens = await _tokens(settings, provider, client, ends, journey, query.get("code", ""))
        read = _told_by_github if provider is GITHUB else _told_by_google
        told = await read(settings, client, ends, tokens, journey)
    if not told.subject:
        raise _misunderstood(provider)
    return msgspec.structs.replace(told, then=journey.then, user=journey.user)


def _client() -> httpx.AsyncClient:
    import httpx  # a third of a second, and most visitors never need it

    # No redirects and no proxies of the environment: what is asked is what is named here.
    return httpx.AsyncClient(
        timeout=SECONDS, follow_redirects=False, trust_env=False,
        headers={"Accept": "application/json", "User-Agent": "python.org sidecar"},
    )  # fmt: skip


async def _ends(settings: Settings, provider: Provider, client: httpx.AsyncClient) -> Ends:
    if provider is GITHUB:
        way = f"{settings.github_url}/login/oauth"
        return Ends(f"{way}/authorize", f"{way}/access_token")
    where = f"{settings.google_url}/.well-known/openid-configuration"
    found = await _asked(provider, client, "GET", where)
    if found.get("issuer") != settings.google_url:
        raise _misunderstood(provider)
    return Ends(*(str(found.get(name, "")) for name in (
        "authorization_endpoint", "token_endpoint", "issuer", "jwks_uri",
    )))  # fmt: skip


async def _tokens(
    settings: Settings, provider: Provider, client: httpx.AsyncClient, ends: Ends,
    journey: Journey, code: str,
) -> Mapping[str, Any]:  # fmt: skip
    """Exchange the code that the browser brought; only we can, with our secret and the verifier."""
    own, secret = identity_of(settings, provider)
    form = {
        "grant_type": "authorization_code", "code": code, "code_verifier": journey.verifier,
        "redirect_uri": callback_of(settings, provider), "client_id": own, "client_secret": secret,
    }  # fmt: skip
    tokens: Mapping[str, Any] = await _asked(provider, client, "POST", ends.token, data=form)
    if "error" in tokens:
        raise Failed(f"{provider.title} did not accept the way back. Begin again.")
    return tokens


async def _told_by_github(
    settings: Settings, client: httpx.AsyncClient, _: Ends, tokens: Mapping[str, Any], __: Journey
) -> Told:
    bearer = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
    who = await _asked(GITHUB, client, "GET", f"{settings.github_api}/user", headers=bearer)
    listed = await _asked(
        GITHUB, client, "GET", f"{settings.github_api}/user/emails", headers=bearer, is_list=True
    )
    return Told(GITHUB.name, str(who.get("id") or ""), str(who.get("login") or ""),
                str(who.get("name") or ""), _verified(listed))  # fmt: skip


def _verified(listed: Any) -> str:
    """Of the addresses that GitHub lists, the primary one if it is verified, else another."""
    good = [
        (not row.get("primary"), str(row["email"]))
        for row in listed
        if isinstance(row, dict) and row.get("verified") is True and row.get("email")
    ]
    # Mail to this domain goes nowhere.
    real = [pair for pair in good if not pair[1].endswith("@users.noreply.github.com")]
    return min(real)[1] if real else ""


async def _told_by_google(
    settings: Settings, client: httpx.AsyncClient, ends: Ends, tokens: Mapping[str, Any],
    journey: Journey,
) -> Told:  # fmt: skip
    keys = await _asked(GOOGLE, client, "GET", ends.keys)
    claims = claims_of(str(tokens.get("id_token", "")), keys, ends.issuer,
                       settings.google_id, journey.nonce)  # fmt: skip
    email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    return Told(GOOGLE.name, str(claims["sub"]), email.partition("@")[0],
                str(claims.get("name", "")), email)  # fmt: skip


def claims_of(
    id_token: str, keys: Mapping[str, Any], issuer: str, audience: str, nonce: str
) -> dict[str, Any]:
    """What an ID token says, once its signature, sender, addressee, time and nonce are right."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    wanted = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": audience},
        "nonce": {"essential": True, "value": nonce},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    try:
        found = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=SIGNED_BY)  # type: ignore[arg-type]
        jwt.JWTClaimsRegistry(leeway=60, **wanted).validate(found.claims)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _misunderstood(GOOGLE) from error
    return dict(found.claims)


async def _asked(
    provider: Provider, client: httpx.AsyncClient, method: str, url: str, *,
    is_list: bool = False, **given: Any,
) -> Any:  # fmt: skip
    """Ask a provider for JSON; an answer that is too slow, too large or no JSON is none."""
    import httpx

    try:
        async with asyncio.timeout(SECONDS), client.stream(method, url, **given) as answer:
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise _misunderstood(provider)
        found = msgspec.json.decode(body)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError, TimeoutError) as error:
        raise _misunderstood(provider) from error
    if answer.status_code >= 500 or not isinstance(found, list if is_list else dict):
        raise _misunderstood(provider)
    return found


def _misunderstood(provider: Provider) -> Failed:
    return Failed(
        f"{provider.title} cannot be asked at this moment. Try again, or sign in with your "
        "password.", 502,
    )  # fmt: skip
