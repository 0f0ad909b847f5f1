#!/usr/bin/python3
"""Proves that check_includes.py accepts the right includes and reports the wrong ones."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_includes

CHECKER = pathlib.Path(__file__).with_name("check_includes.py")

ALLOWED = [
    ("server/base/log.cc", '"server/base/log.h"'),
    ("server/domain/decision.cc", '"server/base/secret.h"'),
    ("server/domain/password.cc", '"server/domain/hashes/bcrypt.h"'),
    ("server/domain/hashes/bcrypt.cc", '"server/base/secret.h"'),
    ("server/routes/route_rules.cc", '"server/domain/permission.h"'),
    ("server/routes/routes_file.cc", '"server/base/mutex.h"'),
    ("server/routes/yaml_text.cc", "<yaml-cpp/parser.h>"),
    ("server/rpc/identity_service.cc", '"server/routes/route_rules.h"'),
    ("server/http/admin_server.cc", '"server/routes/route_rules.h"'),
    ("server/service.cc", '"server/routes/routes_file.h"'),
    ("db/stores/roles.cc", '"server/domain/role_graph.h"'),
    ("db/postgres.cc", "<pqxx/pqxx>"),
    ("server/view/feed.cc", '"db/database.h"'),
    ("db/stores/roles.cc", '"db/database.h"'),
    ("server/app/access/authorizer.cc", '"server/domain/decision.h"'),
    ("server/app/login/password_login.cc", '"server/app/access/throttle.h"'),
    ("server/app/operator/housekeeping.cc", '"server/app/admin/signing_keys.h"'),
    ("server/rpc/identity_service.cc", '"server/app/access/authorizer.h"'),
    ("server/rpc/identity_service.cc", '"identity/v1/identity_service.grpc.pb.h"'),
    ("server/rpc/identity_service.cc", "<grpcpp/grpcpp.h>"),
    ("server/rpc/server.cc", '"server/net/listener.h"'),
    ("server/net/listener.cc", '"server/base/metrics.h"'),
    ("server/http/admin_server.cc", '"server/base/metrics.h"'),
    ("server/http/http_server.cc", '"server/net/connections.h"'),
    ("server/http/admin_server.cc", '"server/app/access/authorizer.h"'),
    ("server/http/event_loop.h", "<boost/asio/io_context.hpp>"),
    ("server/otlp/otlp_exporter.cc", "<grpcpp/client_context.h>"),
    ("server/otlp/otlp_exporter.cc", '"server/base/trace.h"'),
    ("server/mail/postman.cc", '"server/app/change/mail_outbox.h"'),
    ("server/mail/smtp_client.cc", "<curl/curl.h>"),
    ("server/service.cc", '"server/http/admin_server.h"'),
    ("server/service.cc", '"server/mail/postman.h"'),
    ("server/main.cc", '"server/rpc/server.h"'),
    ("server/main.cc", '"server/config.h"'),
    ("client/cpp/identity/client.cc", '"identity/v1/identity_service.grpc.pb.h"'),
    ("client/cpp/identity/client.cc", '"identity/token.h"'),
    ("client/cpp/examples/check.cc", '"identity/client.h"'),
    ("server/domain/decision.cc", '"absl/strings/string_view.h"'),
    ("server/domain/decision.cc", '"absl/time/time.h"'),
    ("server/domain/decision.cc", "<vector>"),
]

REFUSED = [
    ("server/base/log.cc", '"server/domain/decision.h"'),
    ("server/domain/decision.cc", '"db/database.h"'),
    ("server/domain/decision.cc", '"server/view/view.h"'),
    ("server/domain/decision.cc", '"absl/synchronization/mutex.h"'),
    ("server/domain/decision.cc", "<thread>"),
    ("server/domain/hashes/bcrypt.cc", '"server/domain/password.h"'),
    ("server/domain/hashes/bcrypt.cc", "<thread>"),
    ("server/domain/decision.cc", '"absl/time/clock.h"'),
    ("server/domain/decision.cc", '"server/base/clock.h"'),
    ("server/domain/decision.cc", '"server/base/metrics.h"'),
    ("server/domain/decision.cc", '"server/base/random.h"'),
    ("server/domain/decision.cc", '"server/routes/route_rules.h"'),
    ("server/routes/route_rules.cc", '"db/database.h"'),
    ("server/routes/route_rules.cc", '"server/app/access/authorizer.h"'),
    ("server/routes/route_rules.cc", '"server/rpc/status.h"'),
    ("server/routes/route_rules.cc", "<grpcpp/grpcpp.h>"),
    ("server/routes/route_rules.cc", "<yaml-cpp/yaml.h>"),
    ("server/main.cc", "<yaml-cpp/yaml.h>"),
    ("db/stores/roles.cc", '"server/routes/route_rules.h"'),
    ("server/view/view.cc", '"server/routes/route_rules.h"'),
    ("db/stores/roles.cc", '"server/view/view.h"'),
    ("db/stores/roles.cc", "<pqxx/pqxx>"),
    ("db/database.cc", '"db/stores/roles.h"'),
    ("server/view/feed.cc", '"server/app/access/authorizer.h"'),
    ("server/app/access/key_ring.cc", '"server/app/change/mutation.h"'),
    ("server/app/change/guard.cc", '"server/app/login/proofs.h"'),
    ("server/app/login/password_login.cc", '"server/app/account/own_account.h"'),
    ("server/app/account/registration.cc", '"server/app/admin/paging.h"'),
    ("server/app/admin/audit_log.cc", '"server/app/operator/bootstrap.h"'),
    ("server/app/authorizer.cc", "<vector>"),
    ("server/app/unheard_of/thing.cc", "<vector>"),
    ("server/app/access/authorizer.cc", '"server/rpc/status.h"'),
    ("server/app/access/authorizer.cc", "<grpcpp/grpcpp.h>"),
    ("server/app/access/authorizer.cc", '"identity/v1/types.pb.h"'),
    ("server/app/access/authorizer.cc", "<google/protobuf/message.h>"),
    ("server/rpc/status.cc", '"server/http/admin_server.h"'),
    ("server/net/listener.cc", "<grpcpp/grpcpp.h>"),
    ("server/net/listener.cc", '"server/rpc/server.h"'),
    ("server/net/listener.cc", '"server/domain/decision.h"'),
    ("server/mail/postman.cc", '"server/net/listener.h"'),
    ("server/app/access/authorizer.cc", '"server/http/admin_server.h"'),
    ("server/http/admin_server.cc", '"server/rpc/server.h"'),
    ("server/http/admin_server.cc", "<grpcpp/grpcpp.h>"),
    ("server/rpc/server.cc", "<boost/asio/io_context.hpp>"),
    ("server/app/change/mail_outbox.cc", '"server/mail/postman.h"'),
    ("server/mail/postman.cc", '"server/http/admin_server.h"'),
    ("server/mail/postman.cc", '"server/rpc/server.h"'),
    ("server/rpc/account_service.cc", '"server/mail/postman.h"'),
    ("server/app/change/mail_outbox.cc", "<curl/curl.h>"),
    ("server/service.cc", "<curl/curl.h>"),
    ("server/rpc/status.cc", '"server/config.h"'),
    ("server/main.cc", "<grpcpp/grpcpp.h>"),
    ("server/app/access/authorizer.cc", '"tests/support/postgres.h"'),
    ("server/app/access/authorizer.cc", '"authorizer.h"'),
    ("client/cpp/identity/client.cc", '"server/base/secret.h"'),
    ("server/unheard_of/thing.cc", "<vector>"),
]


def write_source(root, source, include):
    path = pathlib.Path(root, source)
    path.parent.mkdir(parents=True)
    path.write_text(f"// A comment.\n#include {include}\n", encoding="utf-8")


def breaches_of(source, include):
    with tempfile.TemporaryDirectory() as root:
        write_source(root, source, include)
        return list(check_includes.broken_includes(pathlib.Path(root)))


def run_on(root):
    return subprocess.run([sys.executable, CHECKER, root], capture_output=True, text=True, check=False)


class CheckIncludesTest(unittest.TestCase):
    def test_includes_that_go_down_pass(self):
        for source, include in ALLOWED:
            with self.subTest(source=source, include=include):
                self.assertEqual(breaches_of(source, include), [])

    def test_includes_that_go_up_or_sideways_are_reported(self):
        for source, include in REFUSED:
            with self.subTest(source=source, include=include):
                self.assertEqual([breach[0] for breach in breaches_of(source, include)], [source])

    def test_the_program_prints_breaches_and_fails(self):
        with tempfile.TemporaryDirectory() as root:
            write_source(root, *REFUSED[0])
            result = run_on(root)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn(f"{REFUSED[0][0]}:2:", result.stdout)

    def test_a_crowded_folder_fails(self):
        with tempfile.TemporaryDirectory() as root:
            write_source(root, *ALLOWED[0])
            folder = pathlib.Path(root, ALLOWED[0][0]).parent
            for number in range(check_includes.MOST_FILES - 1):
                (folder / f"{number}.txt").touch()
            self.assertEqual(run_on(root).returncode, 0)
            (folder / "one more").touch()
            result = run_on(root)
            self.assertEqual(result.returncode, 1)
            self.assertIn(f"{check_includes.MOST_FILES + 1} files", result.stdout)

    def test_the_program_prints_nothing_and_succeeds_without_breaches(self):
        with tempfile.TemporaryDirectory() as root:
            write_source(root, *ALLOWED[0])
            result = run_on(root)
            self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)

    def test_a_folder_without_sources_fails(self):
        with tempfile.TemporaryDirectory() as root:
            result = run_on(root)
            self.assertEqual(result.returncode, 1)
            self.assertIn("no sources", result.stderr)


if __name__ == "__main__":
    unittest.main()
