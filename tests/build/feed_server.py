"""A server of feeds, good and bad, on a real socket of this machine."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import ssl
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ITEM = """<item><title>{title}</title><link>https://blog.example/{name}/</link>
<guid>https://blog.example/{name}/</guid><pubDate>{date}</pubDate>
<description>{words}</description></item>"""


def item(name="a", title="", date="Fri, 20 Nov 2026 10:00:00 GMT", words="Words."):
    return ITEM.format(name=name, title=title or f"Post {name}", date=date, words=words)


def rss(*items, head=""):
    inside = "".join(items or (item(),))
    return (
        f'{head}<rss version="2.0"><channel><title>Blog</title><link>https://blog.example/</link>'
        f"<description>D</description>{inside}</channel></rss>"
    )


ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:b</id>
<updated>2026-11-20T10:00:00Z</updated>
<entry><title type="html">Fish &amp;amp; &lt;b&gt;chips&lt;/b&gt;</title><id>urn:1</id>
<link href="/fish/"/><published>2026-11-20T12:00:00+02:00</published>
<updated>2026-11-21T10:00:00Z</updated><author><name>Ada</name></author>
<summary type="html">&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</summary></entry></feed>"""


class Handler(BaseHTTPRequestHandler):
    """Answers with what the test put at a path: a text, or a function of this handler."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.asked[urlsplit(self.path).path].append(dict(self.headers))
        with server.counting:
            server.now += 1
            server.peak = max(server.peak, server.now)
        self.is_counted = True
        try:
            with contextlib.suppress(OSError):
                answer = server.answers.get(self.path, status(404))
                answer(self) if callable(answer) else send(self, answer)
        finally:
            self.discount()

    def discount(self):
        """Count this request no more: its answer is about to be whole, and the next may come."""
        with self.server.counting:
            self.server.now -= self.is_counted
            self.is_counted = False

    def log_message(self, *_):
        """Say nothing."""


class FeedServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {}
        self.asked = defaultdict(list)
        self.counting = threading.Lock()
        self.now = self.peak = 0
        self.stopped = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        """A client that hangs up is expected."""


def send(handler, body, code=200, **headers):
    data = body.encode() if isinstance(body, str) else body
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.discount()
    handler.wfile.write(data)


def status(code, **headers):
    return lambda handler: send(handler, "", code, **headers)


def text(body, **headers):
    return lambda handler: send(handler, body, **headers)


def validated(body, etag='"1"', modified="Fri, 20 Nov 2026 10:00:00 GMT"):
    """Answers 304 to those who have it."""

    def answer(handler):
        if handler.headers["If-None-Match"] == etag:
            return send(handler, "", 304)
        return send(handler, body, ETag=etag, Last_Modified=modified)

    return answer


def never(handler):
    handler.server.stopped.wait(20)


def slowly(handler):
    """A byte now and then, so that no single wait is long."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.stopped.is_set():
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def slow_head(handler):
    """A head that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.server.stopped.is_set():
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<item>" * 10_000)


def broken_off(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<rss>")
    handler.close_connection = True


def no_http(handler):
    handler.wfile.write(b"\x00\x01 I am no web server\r\n\r\n")
    handler.close_connection = True


def bomb(handler):
    """Ten kilobytes that unpack to ten megabytes."""
    send(handler, gzip.compress(b"\0" * 10_000_000), Content_Encoding="gzip")


class TlsFeedServer(FeedServer):
    """The same behind TLS, with a certificate for `localhost` that an authority of its own made."""

    def __init__(self, folder):
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(folder))
        self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self):
        return f"https://localhost:{self.server_port}"


def certificate(folder):
    """A new certificate and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files = folder / "certificate.pem", folder / "key.pem"
    for file, content in zip(files, (made.public_bytes(pem), private), strict=True):
        file.write_bytes(content)
    return files
