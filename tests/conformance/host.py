"""What surrounds a driver: servers, people, keys and files, and what the steps of a case do with them."""

import json
import pathlib
import re
import tempfile

import client as interop
import grpc
import guestbook_pb2
import guestbook_pb2_grpc
from google.protobuf import json_format

import deployment
import forge
import servers
import world

CALL_SECONDS = 60


class Host:
    """Shared by all cases. The step `{"host": "refused calls", …}` calls `refused_calls` with the other members."""

    def __init__(self, described, stack):
        """`described`: the principals and credentials. `stack` ends everything."""
        here = deployment.current()
        self._servers = {"main": servers.Identityd(), "second": servers.Identityd()}
        for server in self._servers.values():
            stack.callback(server.kill)
        self._refuser, self._keys, self._forge = servers.Refuser(), servers.KeyServer(), forge.Forge()
        stack.callback(self._refuser.stop)
        stack.callback(self._keys.stop)
        self._folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="identity-conformance.")))
        main = self._servers["main"]
        main.start()
        administrator = interop.Client(address=main.address)
        stack.callback(administrator.close)
        tokens = administrator.log_in(here.admin_login, here.admin_password)
        administrator = interop.Client(address=main.address, access_token=tokens.access_token)
        stack.callback(administrator.close)
        self._world = world.World(described, administrator)
        self._names = {
            **self._world.names, "service_key": here.service_key, "main": main.address, "main_port": str(main.port),
            "second": self._servers["second"].address, "refuser": self._refuser.address, "folder": str(self._folder),
            "jwks": main.jwks, "issuer": "https://identity.localhost",
        }

    def begin(self, case):
        """Starts the servers that the case needs. Returns what its names stand for."""
        self.start("main")
        if "$second" in json.dumps(case):
            self.start("second")
        self._answered = {name: server.answered() for name, server in self._servers.items()}
        return {**self._names, "jwks_of_case": self._keys.url(case["name"].replace(" ", "-"))}

    def filled_in(self, value, names):
        """The value with its names, such as `$alice_token`, replaced by what they stand for."""
        if isinstance(value, str):
            return re.sub(r"\$(\w+)", lambda name: names[name[1]], value)
        if isinstance(value, list):
            return [self.filled_in(each, names) for each in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"forge"}:
            return self._forge.token(**value["forge"])
        return {key: self.filled_in(each, names) for key, each in value.items()}

    def start(self, server):
        self._servers[server].start()

    def kill(self, server):
        self._servers[server].kill()

    def stop(self, server):
        self._servers[server].stop()

    def pause(self, server):
        self._servers[server].pause()

    def resume(self, server):
        self._servers[server].resume()

    def answered(self, server, method):
        return self._servers[server].answered()[method] - self._answered[server][method]

    def refuse(self, **error):
        self._refuser.refuse(**error)

    def refused_calls(self):
        return self._refuser.calls()

    def publish(self, keys, **options):
        """`keys` are names of the forge, or malformed keys as they are."""
        self._keys.publish([self._forge.jwk(key) if isinstance(key, str) else key for key in keys], **options)

    def fetches(self):
        return self._keys.fetches

    def write(self, file, text):
        """Replaces the file at once, so that nobody reads a half."""
        new = self._folder / "new"
        new.write_text(text, encoding="utf-8")
        new.replace(self._folder / file)

    def revoke(self, **target):
        self._world.revoke(**target)


def call(port, method, request, metadata):
    """The answer of the guarded service to a stranger."""
    type_ = guestbook_pb2.CountRequest if method == "Count" else guestbook_pb2.PostRequest
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        send = getattr(guestbook_pb2_grpc.GuestbookStub(channel), method)
        try:
            seen = send(json_format.ParseDict(request, type_()), metadata=metadata, timeout=CALL_SECONDS,
                        wait_for_ready=True)
        except grpc.RpcError as error:
            retry = {} if interop.retry_delay_of(error) is None else {"retry": True}
            return {"error": error.code().name, "reason": interop.reason_of(error), **retry}
    return json_format.MessageToDict(seen, preserving_proto_field_name=True)
