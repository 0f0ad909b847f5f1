#!/usr/bin/python3
"""A mail server for tests: accepts every mail, forwards none, and fails on request.

Listens on a free port of 127.0.0.1, prints the port as one line, and serves until it is killed. Each mail becomes a file
NNNN.eml in the directory, numbered from 0001, written in one step. What the sender said outside of the mail comes first:

    X-Envelope-From: ADDRESS
    X-Envelope-To: ADDRESS, ADDRESS
    X-Session: tls|plain LOGIN|-

The rest is the mail, byte for byte.
"""

import argparse
import asyncio
import pathlib
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path, help="where the mails go; must exist")
    parser.add_argument("--defer", type=int, default=0, metavar="N", help="answer the first N recipients with 451")
    parser.add_argument("--refuse", metavar="ADDRESS", help="answer this recipient with 550")
    parser.add_argument("--refuse-sender", action="store_true", help="answer every MAIL FROM with 550")
    parser.add_argument("--refuse-data", action="store_true", help="answer every mail, once it is there, with 554")
    parser.add_argument("--drop", type=int, default=0, metavar="N",
                        help="keep the first N mails, but close the connection instead of answering")
    parser.add_argument("--hang", action="store_true",
                        help="write a file `hanging` when a recipient is named, and never answer")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"),
                        help="offer STARTTLS and require it; two files in PEM")
    parser.add_argument("--implicit", action="store_true", help="with --tls: TLS from the first byte (smtps)")
    parser.add_argument("--login", metavar="USER:PASSWORD", help="require this login")
    return parser.parse_args()


class Mailbox:
    """The callbacks of aiosmtpd at each step of a session; aiosmtpd defines the names."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.defer = arguments.defer
        self.drop = arguments.drop
        self.count = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.arguments.refuse_sender:
            return "550 5.7.1 You may not send"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.arguments.hang:
            (self.arguments.directory / "hanging").touch()
            await asyncio.Event().wait()
        if self.defer > 0:
            self.defer -= 1
            return "451 4.3.0 Try again later"
        if address == self.arguments.refuse:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.arguments.refuse_data:
            return "554 5.7.1 Looks like spam"
        self.keep(session, envelope)
        if self.drop > 0:
            self.drop -= 1
            server.transport.abort()
        return "250 Taken"

    def keep(self, session, envelope):
        self.count += 1
        head = (f"X-Envelope-From: {envelope.mail_from}\r\n"
                f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
                f"X-Session: {'tls' if session.ssl else 'plain'} {session.auth_data or '-'}\r\n")
        unfinished = self.arguments.directory / "unfinished"
        unfinished.write_bytes(head.encode() + envelope.original_content)
        unfinished.rename(self.arguments.directory / f"{self.count:04}.eml")


class Session(SMTP):
    """A session that treats a connection with TLS from its first byte as one with TLS."""

    def connection_made(self, transport):
        super().connection_made(transport)
        if transport.get_extra_info("sslcontext"):
            self.session.ssl = transport.get_extra_info("ssl_object")
            self._tls_protocol = True


def authenticator(login):
    def check(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == login, handled=given == login, auth_data=data.login.decode())
    return check


def new_session(arguments, mailbox, tls):
    return Session(mailbox, hostname="mail.test", enable_SMTPUTF8=False,
                   tls_context=None if arguments.implicit else tls,
                   require_starttls=tls is not None and not arguments.implicit,
                   auth_required=arguments.login is not None, auth_require_tls=False,
                   authenticator=authenticator(arguments.login))


async def serve(arguments):
    tls = None
    if arguments.tls:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*arguments.tls)
    mailbox = Mailbox(arguments)
    server = await asyncio.get_running_loop().create_server(
        lambda: new_session(arguments, mailbox, tls), "127.0.0.1", 0, ssl=tls if arguments.implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(parse_arguments()))
