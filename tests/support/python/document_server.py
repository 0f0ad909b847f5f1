#!/usr/bin/python3
"""An HTTPS server for tests: answers each path as the file of the directory says that has its name.

Listens on a free port of 127.0.0.1, prints the port as one line, and serves until it is killed. The answer to GET /a/b is
in the file a_b.json, which is read at each request:

    {"status": 200, "headers": {"Cache-Control": "max-age=60"}, "body": "…", "after": "NAME"}

All members have defaults: 200, none, "", and none. With "after" the client gets its answer when there is a file NAME.
Without the file the answer is 404. Each path that is asked for becomes a line of the file `requests`. The file
`authorizations` has a line for each, too: the path, a space, and the header Authorization or nothing.
"""

import argparse
import http.server
import json
import pathlib
import ssl
import threading
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path, help="where the answers are; must exist")
    parser.add_argument("certificate", help="in PEM")
    parser.add_argument("key", help="in PEM")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    log = (arguments.directory / "requests").open("a", encoding="utf-8", buffering=1)
    authorizations = (arguments.directory / "authorizations").open("a", encoding="utf-8", buffering=1)
    log_lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            with log_lock:
                print(self.path, file=log)
                print(self.path, self.headers.get("Authorization", ""), file=authorizations)
            file = arguments.directory / (self.path.strip("/").replace("/", "_") + ".json")
            answer = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"status": 404}
            while "after" in answer and not (arguments.directory / answer["after"]).exists():
                time.sleep(0.01)
            body = answer.get("body", "").encode()
            self.send_response(answer.get("status", 200))
            for name, value in answer.get("headers", {}).items():
                self.send_header(name, value)
            if "Transfer-Encoding" not in answer.get("headers", {}):
                self.send_header("Content-Length", str(len(body)))
            else:
                body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
