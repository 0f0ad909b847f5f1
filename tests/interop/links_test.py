"""The links of the documents lead to files and headings that exist."""

import os
import re
import unittest

import deployment

LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def documents():
    """All Markdown files of ours."""
    return [*deployment.ROOT.glob("*.md"), *deployment.ROOT.glob("docs/**/*.md"),
            *deployment.ROOT.glob("k8s/*.md")]


def text_of(document):
    """The text without code blocks."""
    return CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))


def anchors_of(document):
    """The anchors that a Markdown viewer makes of the headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text_of(document))}


class LinksTest(unittest.TestCase):

    def test_every_link_leads_to_a_file_and_a_heading(self):
        compared = 0
        for document in documents():
            for path, anchor in LINK.findall(text_of(document)):
                if re.match(r"[a-z]+:", path):
                    continue
                with self.subTest(f"{document.relative_to(deployment.ROOT)}: {path}#{anchor}"):
                    target = document.parent / path if path else document
                    self.assertTrue(os.path.exists(target))
                    self.assertTrue(not anchor or anchor in anchors_of(target))
                    compared += 1
        self.assertGreater(compared, 50)
