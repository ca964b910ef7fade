"""A provider of accounts that really runs: what GitHub and Google answer, on a port of this machine.

`server.person` is whoever is signed in there; `server.mood` is what goes wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig", "alg": "RS256"})
ADA = {"id": 42, "login": "ada", "name": "Ada Lovelace",
       "emails": [{"email": "ada@old.example", "primary": False, "verified": True},
                  {"email": "ada@example.org", "primary": True, "verified": True}]}  # fmt: skip


class Provider(ThreadingHTTPServer):
    """Started by the fixture `provider`; `given` are the codes it gave, with what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.person, self.mood, self.given, self.asked = dict(ADA), "", {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def claims(self, nonce: str) -> dict[str, object]:
        primary = next((e for e in self.person["emails"] if e["primary"]), {})
        return {
            "iss": self.url, "aud": "our-id", "sub": str(self.person["id"]), "nonce": nonce,
            "exp": int(time.time()) + 300, "iat": int(time.time()), "name": self.person["name"],
            "email": primary.get("email", ""), "email_verified": primary.get("verified", False),
        }  # fmt: skip


class Answers(BaseHTTPRequestHandler):
    """Its answers, by path."""

    server: Provider

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        self.server.asked.append(path)
        if self.server.mood == "down":
            self._say(503, {"message": "down"})
        elif path in ("/login/oauth/authorize", "/authorize"):
            self._authorize({name: value[0] for name, value in query.items()})
        elif path == "/user":
            self._say(
                200 if self._is_ours() else 401, self.server.person if self._is_ours() else {}
            )
        elif path == "/user/emails":
            self._say(200, self.server.person["emails"] if self._is_ours() else {})
        elif path == "/.well-known/openid-configuration":
            self._say(200, {
                "issuer": self.server.url, "jwks_uri": f"{self.server.url}/keys",
                "authorization_endpoint": f"{self.server.url}/authorize",
                "token_endpoint": f"{self.server.url}/token",
            })  # fmt: skip
        else:
            self._say(200, {"keys": [KEY.as_dict(private=False)]})

    def _authorize(self, asked: dict[str, str]) -> None:
        """Send the browser back at once, as whoever is signed in there."""
        told = {"state": asked["state"]}
        if self.server.mood == "denied":
            told["error"] = "access_denied"
        else:
            told["code"] = f"code-{len(self.server.given)}"
            self.server.given[told["code"]] = asked
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(told)}")
        self.end_headers()

    def do_POST(self) -> None:
        if self.server.mood == "down":
            self._say(503, {"message": "down"})
            return
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: value[0] for name, value in parse_qs(body).items()}
        asked = self.server.given.pop(form.get("code", ""), None)
        if asked is None or not self._is_right(form, asked):
            self._say(200, {"error": "bad_verification_code"})
            return
        tokens = {"access_token": "opaque", "token_type": "bearer"}
        if "nonce" in asked:
            tokens["id_token"] = self._signed(self.server.claims(asked["nonce"]))
        self._say(200, tokens)

    def _is_right(self, form: dict[str, str], asked: dict[str, str]) -> bool:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        return (
            base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
            and asked["code_challenge_method"] == "S256"
            and (form["client_id"], form["client_secret"]) == ("our-id", "our-secret")
            and form["redirect_uri"] == asked["redirect_uri"]
        )

    def _signed(self, claims: dict[str, object]) -> str:
        wrong = {"aud": {"aud": "another"}, "iss": {"iss": "https://evil.example"},
                 "nonce": {"nonce": "another"}, "exp": {"exp": 1}, "sub": {"sub": None}}  # fmt: skip
        claims |= wrong.get(self.server.mood, {})
        claims = {name: value for name, value in claims.items() if value is not None}
        key = OTHER_KEY if self.server.mood == "key" else KEY
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)

    def _is_ours(self) -> bool:
        return self.headers.get("Authorization") == "Bearer opaque"

    def _say(self, status: int, data: object) -> None:
        body = json.dumps(data).encode() if self.server.mood != "no json" else b"<html>"
        body += b" " * (2_000_000 if self.server.mood == "large" else 0)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
