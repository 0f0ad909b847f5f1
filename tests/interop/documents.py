"""The code blocks of the documents, which tests run as they stand there."""

import re

import deployment


def blocks(document, language):
    """The blocks of this language in a document, in order."""
    text = (deployment.ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
