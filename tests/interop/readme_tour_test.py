"""The tour in README.md does what it says."""

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


def steps_of_the_tour():
    """The tour's commands, block by block, each with the JSON that the text shows below it ("" for none)."""
    readme = (deployment.ROOT / "README.md").read_text(encoding="utf-8")
    tour = re.search(r"^## A tour.*?(?=^## )", readme, re.MULTILINE | re.DOTALL).group()
    steps = []
    for language, text in BLOCK.findall(tour):
        if language == "bash":
            steps.append((text, ""))
        else:
            steps[-1] = (steps[-1][0], text)
    return steps


def json_values(text):
    """The JSON values that stand one after the other in a text."""
    values = []
    while text := text.lstrip():
        value, end = json.JSONDecoder().raw_decode(text)
        values.append(value)
        text = text[end:]
    return values


class ReadmeTourTest(unittest.TestCase):

    def assert_shown(self, shown, real, where):
        """All that the README shows is in the real answer; "…" there stands for anything."""
        if isinstance(shown, dict):
            for name, value in shown.items():
                self.assertIn(name, real, where)
                self.assert_shown(value, real[name], f"{where}.{name}")
        elif isinstance(shown, str) and shown.endswith("…"):
            self.assertTrue(real.startswith(shown[:-1]) and real, f"{where}: {real}")
        else:
            self.assertEqual(shown, real, where)

    @unittest.skipUnless(shutil.which("grpcurl") or BUF.exists(), "neither grpcurl nor buf is installed")
    def test_each_step_prints_what_the_text_shows(self):
        steps = steps_of_the_tour()
        self.assertGreater(len(steps), 9)
        with tempfile.TemporaryDirectory() as directory:
            folder = pathlib.Path(directory)
            # As in a fresh clone after scripts/run.
            (folder / ".dev").symlink_to(deployment.current().state)
            (folder / "scripts").symlink_to(deployment.ROOT / "scripts")
            script = "set -euo pipefail\n" + "".join(
                f"exec >{n}.out\n{commands}\n" for n, (commands, _) in enumerate(steps))
            done = subprocess.run(["bash", "-c", script], cwd=folder, stderr=subprocess.PIPE, encoding="utf-8",
                                  timeout=120, check=False, env={"PATH": os.environ["PATH"], "HOME": directory})
            self.assertEqual(done.returncode, 0, done.stderr)
            for n, (commands, shown) in enumerate(steps):
                with self.subTest(commands):
                    real = json_values((folder / f"{n}.out").read_text(encoding="utf-8"))
                    expected = json_values(shown)
                    self.assertEqual(len(real), len(expected))
                    for one_shown, one_real in zip(expected, real):
                        self.assert_shown(one_shown, one_real, "answer")
