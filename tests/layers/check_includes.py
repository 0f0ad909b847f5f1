#!/usr/bin/python3
"""Checks the order of the includes: main -> rpc, http, mail, otlp, fetch -> calls -> app -> view -> db/stores -> db ->
routes -> domain/external -> domain -> domain/hashes, domain/signatures -> base, and rpc, http, calls -> net -> base.
The client includes only itself. Within server/app each area includes only those before it: access, change, login,
account, admin, operator.

    check_includes.py ROOT

Prints each include that breaks a rule as FILE:LINE: and the rule, and each folder with too many files. Exits with 1
when there is one, or when there are no sources. Compilers cannot see this: all our folders are below one include path, and so are Debian's headers.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*(?P<open>["<])(?P<path>[^">]+)[">]')

# From the bottom to the top; each folder may include itself and all folders below it.
ORDER = [
    "server/base/encoding", "server/base", "server/domain/hashes", "server/domain/signatures", "server/domain",
    "server/domain/external", "server/routes", "db", "db/stores/external", "db/stores", "server/view", "server/app/access", "server/app/change", "server/app/login",
    "server/app/account", "server/app/admin", "server/app/operator", "server/calls",
]
# The folders above everything in ORDER. They do not include each other.
DOORS = ["server/rpc", "server/http", "server/mail", "server/otlp", "server/fetch"]

# For each folder of ours, the folders that it may include. Tests may include anything.
MAY_INCLUDE = {folder: set(ORDER[:i + 1]) for i, folder in enumerate(ORDER)}
MAY_INCLUDE |= {door: set(ORDER) | {door} for door in DOORS}
MAY_INCLUDE["server/rpc/convert"] = set(ORDER) | {"server/rpc/convert"}
for layer in ORDER[ORDER.index("db"):ORDER.index("server/app/access")]:
    MAY_INCLUDE[layer].discard("server/routes")  # the rules of HTTP requests, which storage and facts do not know
MAY_INCLUDE["server/base/encoding"].add("server/base")  # one library
MAY_INCLUDE["server/net"] = {"server/base", "server/net"}
MAY_INCLUDE["server/calls"].add("server/net")  # the certificates of clients
MAY_INCLUDE["server/rpc"] |= {"server/rpc/convert", "server/net"}
MAY_INCLUDE["server/rpc/admin"] = MAY_INCLUDE["server/rpc"] | {"server/rpc/admin"}
MAY_INCLUDE["server/http"] |= {"server/net"}
for door in ("server/http/oauth", "server/http/authzen"):
    MAY_INCLUDE[door] = MAY_INCLUDE["server/http"] | {door}
MAY_INCLUDE["server"] = set(ORDER) | set(DOORS) | {"server/rpc/admin", "server/rpc/convert", "server/http/oauth",
                                                   "server/http/authzen", "server/net", "server"}
MAY_INCLUDE["client"] = {"client"}

MOST_FILES = 36
SEES_GRPC = {"server/rpc", "server/rpc/admin", "server/rpc/convert", "server/otlp", "client"}
PURE = {"server/domain", "server/domain/external", "server/domain/hashes", "server/domain/signatures"}
SEES_PQXX = "db/postgres.cc"
SEES_CURL = {"server/mail", "server/fetch", "client"}
SEES_BOOST = re.compile(r"server/http/((event_loop|http_connection|http_wire|tls_context)\.(cc|h))$")
SEES_YAML = "server/routes/yaml_text.cc"
# The rules are pure: they take time and randomness as arguments and share nothing between threads.
NOT_FOR_DOMAIN = re.compile(r"^(thread|mutex|atomic|future|condition_variable|fstream|filesystem|iostream"
                            r"|absl/synchronization/.*|absl/time/clock\.h"
                            r"|server/base/(clock|log|metrics|mutex|random|readiness|trace|worker_pool)\.h)$")


def folder_of(path):
    """The folder that has rules for a path from the root ("server/rpc", "db"), or None. A folder below server without
    rules of its own is returned as it is."""
    folders = path.split("/")[:-1]
    for depth in range(len(folders), 0, -1):
        folder = "/".join(folders[:depth])
        if folder in MAY_INCLUDE or folder == "tests" or (folders[0] == "server" and depth == len(folders) > 1):
            return folder
    return None


def is_grpc_or_protobuf(path):
    return path.startswith(("grpc/", "grpcpp/", "grpc++/", "google/protobuf/")) or path.endswith(".pb.h")


def broken_rule(source, quoted, included):
    """Why `source` may not include `included` (both from the root), or None."""
    folder = folder_of(source)
    if quoted and "/" not in included:
        return "write the path from the root"
    if is_grpc_or_protobuf(included) and folder not in SEES_GRPC:
        return "only server/rpc, server/otlp and client see gRPC and protobuf"
    if included.startswith("pqxx/") and source != SEES_PQXX:
        return f"only {SEES_PQXX} sees pqxx"
    if included.startswith("curl/") and folder not in SEES_CURL:
        return "only server/mail, server/fetch and client see curl"
    if included.startswith("boost/") and not SEES_BOOST.match(source):
        return "only event_loop, http_connection, http_wire and tls_context of server/http see Boost"
    if included.startswith("yaml-cpp/") and source != SEES_YAML:
        return f"only {SEES_YAML} sees yaml-cpp"
    if folder in PURE and NOT_FOR_DOMAIN.match(included):
        return "server/domain has no I/O, threads, clocks or randomness of its own"
    target = folder_of(included)
    if target is not None and target not in MAY_INCLUDE[folder]:
        return f"{folder} is below {target}"
    return None


def sources_below(root):
    """The paths of our sources, folder by folder."""
    for top in ("server", "db", "client/cpp"):
        yield from (path for path in sorted((root / top).rglob("*")) if path.suffix in (".cc", ".h"))


def broken_includes(root):
    """Yields (file, line number, include, rule) for every include below `root` that breaks a rule."""
    for path in sources_below(root):
        source = path.relative_to(root).as_posix()
        if folder_of(source) not in MAY_INCLUDE:
            yield source, 1, "", "check_includes.py knows no layer for this folder"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            rule = match and broken_rule(source, match["open"] == '"', match["path"])
            if rule:
                yield source, number, match["path"], rule


def crowded_folders(root):
    """Yields (folder, number of files) for the folders of ours in which nobody finds anything any more."""
    for top in ("server", "db", "client/cpp", "tests"):
        for folder in sorted(path for path in (root / top).rglob("*") if path.is_dir()):
            count = sum(path.is_file() for path in folder.iterdir() if path.suffix != ".pyc")
            if count > MOST_FILES:
                yield folder.relative_to(root).as_posix(), count


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_includes.py ROOT")
    root = pathlib.Path(sys.argv[1])
    if not any(sources_below(root)):
        sys.exit(f"check_includes.py: there are no sources below {root}")
    breaches = list(broken_includes(root))
    for source, number, included, rule in breaches:
        print(f"{source}:{number}: {included}: {rule}")
    crowded = list(crowded_folders(root))
    for folder, count in crowded:
        print(f"{folder}: {count} files; a folder has at most {MOST_FILES}")
    sys.exit(1 if breaches or crowded else 0)


if __name__ == "__main__":
    main()
