#!/usr/bin/python3
"""Checks that includes go one way: main -> rpc, http, mail -> app -> view -> db -> domain -> base, and client -> proto,
base.

    check_includes.py ROOT

Prints each include that breaks a rule as FILE:LINE: and the rule. Exits with 1 when there is one. Compilers cannot see
this: all our folders lie below one include path, and so do Debian's headers.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*(?P<open>["<])(?P<path>[^">]+)[">]')

BASE = {"server/base"}
DOMAIN = BASE | {"server/domain"}
DB = DOMAIN | {"db"}
VIEW = DB | {"server/view"}
APP = VIEW | {"server/app"}
RPC = APP | {"server/rpc"}
HTTP = APP | {"server/http"}
MAIL = APP | {"server/mail"}
MAIN = RPC | HTTP | MAIL | {"server"}

# For each folder of ours, the folders that it may include. Tests may include anything.
MAY_INCLUDE = {
    "server/base": BASE,
    "server/domain": DOMAIN,
    "db": DB,
    "server/view": VIEW,
    "server/app": APP,
    "server/rpc": RPC,
    "server/http": HTTP,
    "server/mail": MAIL,
    "server": MAIN,
    "client": BASE | {"client"},
}
SEES_GRPC = {"server/rpc", "client"}
SEES_PQXX = "db/postgres.cc"
SEES_PROMETHEUS = "server/http"
SEES_CURL = "server/mail"
# The rules are pure: they take time and randomness as arguments and share nothing between threads.
NOT_FOR_DOMAIN = re.compile(r"^(thread|mutex|atomic|future|condition_variable|fstream|filesystem|iostream"
                            r"|absl/synchronization/.*|absl/time/clock\.h"
                            r"|server/base/(clock|log|metrics|random|worker_pool)\.h)$")


def folder_of(path):
    """The folder of ours that a path from the root is in ("server/rpc", "db"), or None."""
    parts = path.split("/")
    if len(parts) < 2:
        return None
    nested = "/".join(parts[:2])
    if len(parts) > 2 and (nested in MAY_INCLUDE or parts[0] == "server"):
        return nested
    return parts[0] if parts[0] in MAY_INCLUDE or parts[0] == "tests" else None


def is_grpc_or_protobuf(path):
    return path.startswith(("grpc/", "grpcpp/", "grpc++/", "google/protobuf/")) or path.endswith(".pb.h")


def broken_rule(source, quoted, included):
    """Why `source` may not include `included` (both from the root), or None."""
    folder = folder_of(source)
    if quoted and "/" not in included:
        return "write the path from the root"
    if is_grpc_or_protobuf(included) and folder not in SEES_GRPC:
        return "only server/rpc and client see gRPC and protobuf"
    if included.startswith("pqxx/") and source != SEES_PQXX:
        return f"only {SEES_PQXX} sees pqxx"
    if included.startswith("prometheus/") and folder != SEES_PROMETHEUS:
        return f"only {SEES_PROMETHEUS} sees prometheus"
    if included.startswith("curl/") and folder != SEES_CURL:
        return f"only {SEES_CURL} sees curl"
    if folder == "server/domain" and NOT_FOR_DOMAIN.match(included):
        return "server/domain has no I/O, threads, clocks or randomness of its own"
    target = folder_of(included)
    if target is not None and target not in MAY_INCLUDE[folder]:
        return f"{folder} is below {target}"
    return None


def broken_includes(root):
    """Yields (file, line number, include, rule) for every breach in the sources below `root`."""
    for top in ("server", "db", "client"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".cc", ".h"):
                continue
            source = path.relative_to(root).as_posix()
            if folder_of(source) not in MAY_INCLUDE:
                yield source, 1, "", "check_includes.py knows no layer for this folder"
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                match = INCLUDE.match(line)
                rule = match and broken_rule(source, match["open"] == '"', match["path"])
                if rule:
                    yield source, number, match["path"], rule


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_includes.py ROOT")
    breaches = list(broken_includes(pathlib.Path(sys.argv[1])))
    for source, number, included, rule in breaches:
        print(f"{source}:{number}: {included}: {rule}")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
