"""Serves the login frontend until SIGTERM or Ctrl-C. All settings are environment variables."""

import argparse
import sys
import textwrap
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from .app import make_app
from .settings import OPTIONS, Invalid, Settings


_CONNECTIONS = 800  # with as much as they may send, they fit the memory of the component for Kubernetes
_HEADER_SECONDS = 10


class Protocol(H11Protocol):
    """Closes a connection that does not send the whole head of a request in time. uvicorn would wait for ever."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_request()

    def _expect_request(self) -> None:
        expected = self.cycle

        def close_if_none() -> None:
            if self.cycle is expected:
                self.transport.close()
        self.loop.call_later(_HEADER_SECONDS, close_if_none)


def _help() -> str:
    rows = []
    for option in OPTIONS:
        default = {None: "required", "": "optional"}.get(option.default, f"default: {option.default}")
        meaning = textwrap.fill(option.meaning, 100, initial_indent="      ", subsequent_indent="      ")
        rows += [f"  {option.name} ({default})", meaning]
    return "\n".join(["environment variables:", *rows])


def main() -> None:
    argparse.ArgumentParser(prog="python3 -m frontend", description=__doc__, epilog=_help(),
                            formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    try:
        settings = Settings.read()
        app = make_app(settings)
    except (Invalid, OSError, ValueError) as error:
        sys.exit(f"frontend: {error}")
    # URLs of mailed links have tokens, so no log has URLs. `security` reads the headers of proxies itself.
    # h11 limits the headers of a request to 16 KiB.
    uvicorn.run(app, host=settings.host, port=settings.port, ssl_certfile=settings.certificate,
                ssl_keyfile=settings.key, access_log=False, server_header=False, proxy_headers=False, http=Protocol,
                ws="none", limit_concurrency=_CONNECTIONS)


if __name__ == "__main__":
    main()
