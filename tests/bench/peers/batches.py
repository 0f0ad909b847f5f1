"""Batches: calls with many questions each."""

import dataclasses
import pathlib
import subprocess
import typing

import messages
import model
from deployment import Failure
from peer import Asked, Comparison

SECONDS = 20  # for one call


@dataclasses.dataclass(frozen=True)
class Side:
    """How to ask one server. Its answer has the text `allowed` or `denied` once for each question."""
    name: str
    address: str
    method: str
    request: typing.Callable  # makes the request of a list of questions
    allowed: str
    denied: str
    authorization: pathlib.Path = None
    flags: tuple = ()

    def asked(self, bench, batches):
        caller = ["--authorization-file", self.authorization] if self.authorization else []
        return Asked(["load", "--address", self.address, "--method", self.method, "--expect", self.allowed, *caller,
                      *self.flags], messages.write(bench.file("batches.requests"), map(self.request, batches)))

    def verify(self, batches, part):
        """The answers must have this part for each question. identity_bench sees only whether they have it at all."""
        for batch in batches:
            count = self._answer(self.request(batch)).count(part.encode())
            if count != len(batch):
                raise Failure(f"{self.name} gave the right answer to {count} of the {len(batch)} questions of a batch")

    def _answer(self, request):
        """The bytes of an answer, none if the server refuses the call."""
        headers = ["content-type: application/grpc", "te: trailers"]
        if self.authorization:
            headers.append(f"authorization: {self.authorization.read_text(encoding='ascii').strip()}")
        done = subprocess.run(
            ["curl", "-q", "--noproxy", "*", "--silent", "--http2-prior-knowledge", "--max-time", str(SECONDS),
             "--data-binary", "@-",
             *(part for header in headers for part in ("--header", header)), f"http://{self.address}{self.method}"],
            input=b"\0" + len(request).to_bytes(4, "big") + request, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{self.name} does not answer a batch: curl ended with {done.returncode}")
        return done.stdout


def comparison(bench, batches, theirs, ours):
    """Both sides get the same batches."""
    def verify():
        for side in (theirs, ours):
            side.verify(batches.allowed, side.allowed)
            side.verify(batches.denied, side.denied)

    return Comparison(batches.title, theirs.asked(bench, batches.allowed), ours.asked(bench, batches.allowed),
                      verify=verify, open_seconds=3, decisions=model.BATCH)
