"""The commands in docs/tour.md and README.md print the output that these documents show."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import deployment

BUF = deployment.ROOT / "node_modules" / ".bin" / "buf"
BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps_of(document):
    """The commands of a document, block by block, each with the JSON that the text shows below it ("" for none)."""
    steps = []
    for language, text in BLOCK.findall((deployment.ROOT / document).read_text(encoding="utf-8")):
        if language == "bash":
            steps.append((text, ""))
        else:
            steps[-1] = (steps[-1][0], text)
    return steps


def outputs_of(steps):
    """Runs all steps in order in one bash. Returns the finished process and the output of each step."""
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        # As in a fresh clone after scripts/run.
        (folder / ".dev").symlink_to(deployment.current().state)
        (folder / "scripts").symlink_to(deployment.ROOT / "scripts")
        script = "set -euo pipefail\n" + "".join(
            f"exec >{n}.out\n{commands}\n" for n, (commands, _) in enumerate(steps))
        done = subprocess.run(["bash", "-c", script], cwd=folder, stderr=subprocess.PIPE, encoding="utf-8",
                              timeout=120, check=False, env={"PATH": os.environ["PATH"], "HOME": directory})
        files = [folder / f"{n}.out" for n in range(len(steps))]
        return done, [file.read_text(encoding="utf-8") if file.exists() else "" for file in files]


def json_values(text):
    """The JSON values that stand one after the other in a text."""
    values = []
    while text := text.lstrip():
        value, end = json.JSONDecoder().raw_decode(text)
        values.append(value)
        text = text[end:]
    return values


@unittest.skipUnless(shutil.which("grpcurl") or BUF.exists(), "neither grpcurl nor buf is installed")
class TourTest(unittest.TestCase):

    def assert_shown(self, shown, real, where):
        """Everything that the document shows must be in the real answer; "…" stands for any text."""
        if isinstance(shown, dict):
            for name, value in shown.items():
                self.assertIn(name, real, where)
                self.assert_shown(value, real[name], f"{where}.{name}")
        elif isinstance(shown, str) and shown.endswith("…"):
            self.assertTrue(real.startswith(shown[:-1]) and real, f"{where}: {real}")
        else:
            self.assertEqual(shown, real, where)

    def assert_prints_what_it_shows(self, document, least_steps):
        steps = steps_of(document)
        self.assertGreaterEqual(len(steps), least_steps)
        done, outputs = outputs_of(steps)
        self.assertEqual(done.returncode, 0, done.stderr)
        for (commands, shown), output in zip(steps, outputs):
            with self.subTest(commands):
                real = json_values(output)
                expected = json_values(shown)
                self.assertEqual(len(real), len(expected))
                for one_shown, one_real in zip(expected, real):
                    self.assert_shown(one_shown, one_real, "answer")

    def test_each_step_of_the_tour_prints_what_the_text_shows(self):
        self.assert_prints_what_it_shows("docs/tour.md", 10)

    def test_each_step_of_the_readme_prints_what_the_text_shows(self):
        self.assert_prints_what_it_shows("README.md", 4)
