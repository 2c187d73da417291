"""A store of objects that speaks as much of S3's protocol as a file system needs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

WHEN = "2024-01-02T03:04:05.000Z"


class Store(ThreadingHTTPServer):
    """Objects by bucket and key.

    Attributes:
        objects: their contents.
        uploads: the parts of those that are not complete.
        refused: whether nobody is let in.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.objects: dict[str, dict[str, bytes]] = {"bucket": {}}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.refused = False

    def address(self, path: str) -> str:
        """The address of what is in a bucket."""
        where = f"endpoint_override=127.0.0.1:{self.server_port}&scheme=http&region=us-east-1"
        return f"s3://someone:secret@{path}?{where}"


@contextmanager
def running() -> Iterator[Store]:
    """A store that answers."""
    with Store() as store:
        threading.Thread(target=store.serve_forever, args=(0.05,), daemon=True).start()
        yield store
        store.shutdown()


class _Asked(BaseHTTPRequestHandler):
    server: Store
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits until the head has been confirmed

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _fail(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b"".join(self._chunks(self.rfile.readline))
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return data
        found = b""
        while data:  # each chunk has its size, and a signature, before it
            line, _, data = data.partition(b"\r\n")
            size = int(line.partition(b";")[0], 16)
            found += data[:size]
            data = data[size + 2 :] if size else b""
        return found

    def _chunks(self, line) -> Iterator[bytes]:
        while size := int(line(), 16):
            yield self.rfile.read(size)
            line()
        line()

    def _any(self) -> None:
        parts = urlsplit(self.path)
        name, _, key = unquote(parts.path).lstrip("/").partition("/")
        asked = {word: values[0] for word, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self._body() if self.command in ("PUT", "POST") else b""
        bucket = self.server.objects.get(name)
        if self.server.refused:
            self._fail(403, "AccessDenied")
        elif bucket is None:
            self._fail(404, "NoSuchBucket")
        elif self.command in ("PUT", "POST"):
            self._put(bucket, key, asked, body)
        elif self.command == "DELETE":
            bucket.pop(key, None)
            self._answer(204)
        elif not key:
            self._answer(200, _listing(bucket, asked) if self.command == "GET" else b"")
        elif key not in bucket:
            self._fail(404, "NoSuchKey")
        else:
            self._get(bucket[key])

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _any

    def _get(self, data: bytes) -> None:
        named = {"ETag": '"0"', "Last-Modified": "Tue, 02 Jan 2024 03:04:05 GMT"}
        wanted = self.headers.get("Range")
        if wanted is None:
            self._answer(200, data, **{"Content-Length": str(len(data))}, **named)
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        end = min(int(last) + 1 if last else len(data), len(data))
        said = {"Content-Range": f"bytes {first}-{end - 1}/{len(data)}"}
        self._answer(206, data[int(first) : end], **said, **named)

    def _put(self, bucket: dict[str, bytes], key: str, asked: dict[str, str], body: bytes) -> None:
        uploads = self.server.uploads
        if "uploads" in asked:
            uploads[key] = {}
            self._answer(
                200, b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
            )
        elif "partNumber" in asked:
            uploads[key][int(asked["partNumber"])] = body
            self._answer(200, ETag='"0"')
        elif "uploadId" in asked:
            bucket[key] = b"".join([data for _, data in sorted(uploads.pop(key).items())])
            said = "<CompleteMultipartUploadResult><ETag>0</ETag></CompleteMultipartUploadResult>"
            self._answer(200, said.encode())
        else:
            bucket[key] = body
            self._answer(200, ETag='"0"')


def _listing(bucket: dict[str, bytes], asked: dict[str, str]) -> bytes:
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
    folders, found = set(), []
    for key in sorted(bucket):
        if key.startswith(prefix):
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            else:
                found.append(
                    f"<Contents><Key>{escape(key)}</Key><Size>{len(bucket[key])}</Size>"
                    f"<LastModified>{WHEN}</LastModified><ETag>0</ETag></Contents>"
                )
    common = [f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in sorted(folders)]
    count = f"<KeyCount>{len(found) + len(common)}</KeyCount><IsTruncated>false</IsTruncated>"
    return f"<ListBucketResult>{count}{''.join(found + common)}</ListBucketResult>".encode()
