"""Asking other people's servers for a file, politely and without trusting them.

An answer has a limit in time, in size (packed and unpacked) and in redirects.  A name is resolved
once, and what is connected to is the very address that was checked: nothing on the builder's own
network is reached, whatever a name or a redirect says.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PORTS = {"http": 80, "https": 443}
CHUNK = 64 * 1024
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"
# Addresses that stand for others: a gateway turns them into IPv4, public or not.
TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16",
                                              "2001::/32")))  # fmt: skip


class NoAnswer(Exception):
    """Why there is no file, in words for the person who reads the report, and the status if any."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True)
class Limits:
    """How much of a server is put up with; times are in seconds, `most` in bytes.

    `work` is what reading its answer may cost the processor: a good feed of 5 MB takes up to ten
    seconds, some of 200 kB take days.  `ports` are those that are asked; None are all.
    """

    total: float = 30.0
    wait: float = 10.0
    most: int = 5_000_000
    work: int = 30
    redirects: int = 5
    at_once: int = 16
    ports: frozenset[int] | None = None
    allow_private: bool = False


@dataclass(frozen=True)
class Answer:
    """What a server said.  `moved` is where everything permanent led, empty when nowhere."""

    status: int
    url: str
    moved: str = ""
    body: bytes = b""
    etag: str = ""
    modified: str = ""
    type: str = ""


@dataclass
class Visitor:
    """Asks many servers; of one host, one thing at a time."""

    agent: str
    limits: Limits = field(default_factory=Limits)
    _hosts: dict[str, threading.Lock] = field(default_factory=dict)
    _tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def ask(self, url: str, *, etag: str = "", modified: str = "") -> Answer:
        """Get a file, or that it is as it was (304) or gone (410).  Raises NoAnswer."""
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        left = self.limits.total
        moved, is_permanent = "", True
        for _ in range(self.limits.redirects + 1):
            parts = parted(url)
            if self.limits.ports and (parts.port or PORTS[parts.scheme]) not in self.limits.ports:
                raise NoAnswer("it leads to a port that is not asked")
            with self._hosts.setdefault(parts.netloc.lower(), threading.Lock()):
                began = time.monotonic()
                answer, target = self._ask_once(parts, headers, left)
                left -= time.monotonic() - began
            if not target:
                return Answer(**{**vars(answer), "url": url, "moved": moved})
            url = _joined(url, target)
            is_permanent = is_permanent and answer.status in PERMANENT
            moved = url if is_permanent else moved
        raise NoAnswer(f"it redirects more than {self.limits.redirects} times", answer.status)

    def _ask_once(
        self, parts: SplitResult, headers: dict[str, str], left: float
    ) -> tuple[Answer, str]:
        """One request and its answer, and the address it redirects to."""
        if left <= 0:
            raise NoAnswer(self._too_slow())
        clock = _Deadline(left)
        try:
            with clock, contextlib.closing(_connection(parts)) as connection:
                self._connect(connection, parts, clock)
                connection.request("GET", _path(parts), headers=self._headers(headers))
                with connection.getresponse() as response:
                    answer, target = self._answer(response), response.getheader("Location")
        except (NoAnswer, OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            words = self._too_slow() if clock.over else self._words(error)
            raise NoAnswer(words, getattr(error, "status", 0)) from None
        if clock.over:  # what was cut off may look like an end
            raise NoAnswer(self._too_slow())
        return answer, (target or "") if answer.status in REDIRECTS else ""

    def _too_slow(self) -> str:
        return f"it took longer than {self.limits.total:g} seconds"

    def _words(self, error: Exception) -> str:
        if isinstance(error, NoAnswer):
            return str(error)
        if isinstance(error, TimeoutError):
            return f"it said nothing for {self.limits.wait:g} seconds"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {error.verify_message}"
        if isinstance(error, OSError) and error.strerror:
            no_host = isinstance(error, socket.gaierror)
            return "there is no such host" if no_host else f"it cannot be reached: {error.strerror}"
        return f"it does not speak proper HTTP: {type(error).__name__}"

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        fixed = {"User-Agent": self.agent, "Accept": ACCEPT, "Accept-Encoding": "gzip",
                 "Connection": "close"}  # fmt: skip
        return fixed | {name: value for name, value in given.items() if value}

    def _connect(
        self, connection: http.client.HTTPConnection, parts: SplitResult, clock: _Deadline
    ) -> None:
        """Connect to an address that was checked; the name is used for nothing but TLS."""
        connection.sock = self._socket(connection.host, connection.port, clock)
        clock.watch(connection.sock)
        if parts.scheme == "https":
            connection.sock = wrapped = self._tls.wrap_socket(
                connection.sock, server_hostname=connection.host, do_handshake_on_connect=False
            )
            clock.watch(wrapped)
            wrapped.do_handshake()

    def _socket(self, host: str, port: int, clock: _Deadline) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        allowed = [a for a in found if self.limits.allow_private or is_public(str(a[4][0]))]
        if not allowed:
            raise NoAnswer("its address is not on the public internet")
        failed: OSError | None = None
        for family, kind, protocol, _, address in allowed[:3]:
            plain = socket.socket(family, kind, protocol)
            plain.settimeout(min(self.limits.wait, clock.left))
            try:
                plain.connect(address)
            except OSError as error:
                plain.close()
                failed = error
            else:
                return plain
        assert failed
        raise failed

    def _answer(self, response: http.client.HTTPResponse) -> Answer:
        if response.status in REDIRECTS and response.getheader("Location"):
            return Answer(response.status, "")
        if response.status not in (200, 304, 410):
            raise NoAnswer(f"it answers with {response.status}", response.status)
        return Answer(
            response.status,
            "",
            body=self._body(response) if response.status == 200 else b"",
            etag=response.getheader("ETag") or "",
            modified=response.getheader("Last-Modified") or "",
            type=response.getheader("Content-Type") or "",
        )

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        too_big = NoAnswer(f"it is larger than {self.limits.most:,} bytes")
        if (response.length or 0) > self.limits.most:
            raise too_big
        parts, size = [], 0
        for part in _unpacked(response):
            size += len(part)
            if size > self.limits.most:
                raise too_big
            parts.append(part)
        if response.length:
            raise NoAnswer("it broke off before its end")
        return b"".join(parts)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """A connection that is not open yet."""
    default = PORTS[parts.scheme]
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or default)
    connection.default_port = default
    return connection


class _Deadline:
    """Ends a connection when its time is over, also one that sends a byte now and then."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._stop)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self.over = False

    @property
    def left(self) -> float:
        return max(0.01, self._end - time.monotonic())

    def watch(self, connection: socket.socket) -> None:
        self._socket = connection

    def _stop(self) -> None:
        self.over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not the method of a TLS socket: that one would take its state from the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _unpacked(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body in pieces, none much larger than a chunk however well it was packed."""
    coding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise NoAnswer(f"it is packed as {coding!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31)
    while packed := response.read1(CHUNK):
        if coding == "identity":
            yield packed
            continue
        while packed and not unpack.eof:
            yield unpack.decompress(packed, CHUNK)
            packed = unpack.unconsumed_tail
    if coding != "identity":
        yield unpack.flush()
        if not unpack.eof:
            raise NoAnswer("it broke off before its end")


def parted(url: str) -> SplitResult:
    """The parts of an address that may be asked.  Raises NoAnswer."""
    try:
        parts = urlsplit(url)
        allowed = parts.scheme in PORTS and parts.hostname and parts.port != 0
        if not allowed or "@" in parts.netloc:
            raise NoAnswer("it leads to an address that is not asked")
        (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError):
        raise NoAnswer("it leads to an address that cannot be read") from None
    return parts


def _joined(url: str, target: str) -> str:
    """Where a redirect leads.  Raises NoAnswer."""
    try:
        return urljoin(url, quote(target, safe="/:?#[]@!$&'()*+,;=%~"))
    except ValueError:
        raise NoAnswer("it leads to an address that cannot be read") from None


def _path(parts: SplitResult) -> str:
    path, query = (
        quote(part, safe="/:?@!$&'()*+,;=%~") for part in (parts.path or "/", parts.query)
    )
    return f"{path}?{query}" if query else path


def is_public(address: str) -> bool:
    """Is this an address of the public internet, and of nothing nearer?

    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if any(ip in network for network in TRANSLATED):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
