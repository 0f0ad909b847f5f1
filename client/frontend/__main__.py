"""Serves the login frontend until SIGTERM or Ctrl-C. All settings are environment variables."""

import argparse
import sys
import textwrap

import uvicorn

from .app import make_app
from .settings import OPTIONS, Invalid, Settings


_CONNECTIONS = 2000


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
                ssl_keyfile=settings.key, access_log=False, server_header=False, proxy_headers=False, http="h11",
                ws="none", limit_concurrency=_CONNECTIONS)


if __name__ == "__main__":
    main()
