"""The common part of the test cases."""

import unittest

import world


class Case(unittest.TestCase):
    """Has the world, and visitors without a screen."""

    @property
    def world(self):
        return world.current()

    @property
    def frontend(self):
        return self.world.frontend

    def visitor(self, frontend=None, **headers):
        return world.Visitor(frontend or self.frontend, **headers)

    def person(self, *roles, **options):
        """A visitor who is logged in. Has the attribute `name`."""
        visitor = self.visitor(**options)
        visitor.name = self.world.add_user(*roles)
        answer = visitor.log_in(visitor.name)
        self.assertEqual((answer.status, answer.headers["location"]), (303, "/account"))
        return visitor

    def assert_signed_out(self, visitor):
        answer = visitor.get("/account")
        self.assertEqual(answer.status, 303)
        self.assertTrue(answer.headers["location"].startswith("/login"))
