"""Tests with a real browser."""

import datetime
import os
import pathlib
import unittest

import pyotp

import browser
from case import Case

PICTURES = os.environ.get("IDENTITY_PICTURES")
WIDTHS = (1280, 320)


@unittest.skipUnless(browser.IS_INSTALLED, "chromium-driver is not installed")
class BrowserCase(Case):
    """Makes browsers. Fails if one of them complains about a page."""

    def browse(self, scripts=True):
        made = browser.Browser(self.frontend, scripts)
        self.addCleanup(made.stop)
        self.addCleanup(self._assert_no_complaints, made)
        return made

    def _assert_no_complaints(self, chromium):
        # Forms that are refused have a status of their own.
        refused = "the server responded with a status of 4"
        self.assertEqual([line for line in chromium.console() if refused not in line], [])

    def assert_looks_good(self, chromium, name):
        """Looks at the present page in all its forms."""
        for width in WIDTHS:
            for dark in (False, True):
                with self.subTest(page=name, width=width, dark=dark):
                    chromium.show(width, dark)
                    if PICTURES:
                        picture = f"{name.strip('/').replace('/', '-')}-{width}-{'dark' if dark else 'light'}.png"
                        (pathlib.Path(PICTURES) / picture).write_bytes(chromium.picture())
                    self.assertEqual(chromium.overflow(), 0)
                    self.assertEqual(chromium.violations(), [])

    def assert_notice(self, chromium, text):
        self.assertIn(text, " ".join(chromium.texts(".notice")))

    @staticmethod
    def app_of(chromium):
        """An authenticator app that has read the key on the page."""
        for summary in chromium.driver.find_elements("tag name", "summary"):
            summary.click()
        return App(chromium.texts("pre.secrets")[0])


class App:
    """An authenticator app. Its first two codes are those of this step and of the next, which Identity takes early."""

    def __init__(self, secret):
        self._totp = pyotp.TOTP(secret)
        self._used = set()

    def code(self):
        now = datetime.datetime.now()
        code = next(code for code in (self._totp.at(now, step) for step in (0, 1)) if code not in self._used)
        self._used.add(code)
        return code
