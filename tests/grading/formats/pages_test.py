#!/usr/bin/env python3
"""Opens the reports for browsers in Chromium, from files and without a network.

    pages_test.py --write-samples PROGRAM

Needs chromium: scripts/install-deps browser.
"""

import argparse
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "client" / "cli"))
from browser import Browser  # noqa: E402

OPTIONS = argparse.Namespace()
HOSTILE = "<script>alert(1)</script>\"'&"
BACKGROUNDS = {"text": ("back", "panel"), "soft": ("back", "panel"), "accent": ("back", "panel"),
               "right": ("panel",), "wrong": ("panel",), "borderline": ("panel",), "ungradable": ("panel",)}


class PageCase(unittest.TestCase):
    name = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([OPTIONS.write_samples, cls.folder.name], check=True, timeout=120)
        cls.browser = Browser(width=360, height=740)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    def setUp(self):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1,
                             mobile=True)
        self.browser.use_scheme("light")
        self.browser.open((Path(self.folder.name) / self.name).as_uri())

    def tearDown(self):
        self.assertEqual([], self.browser.complaints())
        self.assertEqual([], [url for url in self.browser.requests() if not url.startswith("file://")])

    def count(self, selector):
        return self.browser.run(f"document.querySelectorAll({selector!r}).length")

    def texts(self, selector):
        return self.browser.run(f"[...document.querySelectorAll({selector!r})].map((e) => e.textContent)")


class Pages:
    """What holds of every page."""

    def test_fits_a_phone(self):
        self.browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        self.assertEqual(360, self.browser.run("innerWidth"))
        self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 360)
        outside = self.browser.run("""[...document.querySelectorAll('body *')].filter((element) =>
            element.getBoundingClientRect().right > 360.5).map((element) => element.outerHTML.slice(0, 80))""")
        self.assertEqual([], outside)

    def test_nothing_that_strangers_wrote_is_html(self):
        self.assertEqual(0, self.count("script, iframe, img, object, link"))
        handlers = self.browser.run("""[...document.querySelectorAll('*')].filter((element) =>
            [...element.attributes].some((attribute) => attribute.name.startsWith('on'))).length""")
        self.assertEqual(0, handlers)
        self.assertIn(HOSTILE, self.browser.run("document.title"))
        self.assertIn(HOSTILE, self.texts("h1")[0])

    def test_contrast_in_both_schemes(self):
        for scheme in ("light", "dark"):
            self.browser.use_scheme(scheme)
            for text, backs in BACKGROUNDS.items():
                for back in backs:
                    with self.subTest(scheme=scheme, text=text, back=back):
                        self.assertGreaterEqual(contrast(self.colour(text), self.colour(back)), 4.5)
            self.assertEqual(scheme == "light", luminance(self.colour("back")) > 0.5)

    def colour(self, name):
        text = self.browser.run(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}').trim()")
        return tuple(int(text[i:i + 2], 16) for i in (1, 3, 5))

    def test_semantics(self):
        self.assertEqual("en", self.browser.run("document.documentElement.lang"))
        self.assertEqual(0, self.count("th:not([scope])"))
        self.assertEqual(0, self.count("svg:not([role=img])"))
        self.assertEqual(self.count("svg"), self.count("svg > title"))
        repeated = self.browser.run("""(() => {
            const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
            return ids.length - new Set(ids).size;
        })()""")
        self.assertEqual(0, repeated)

    def test_the_style_is_used(self):
        # A hash that does not fit would leave the page bare.
        self.assertEqual("rgb(255, 255, 255)", self.browser.run("""(() => {
            return getComputedStyle(document.body).backgroundColor;
        })()"""))


def luminance(colour):
    """Source: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Source: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Report(Pages, PageCase):
    name = "report.html"

    def test_shows_answers_as_they_were_written(self):
        self.assertIn(HOSTILE, self.texts("#s0 pre"))
        self.assertIn(f"A layer with 46 x 62 places.\n{HOSTILE}", self.texts("#s0 .given"))

    def test_shows_every_part(self):
        self.assertEqual(9, self.count(".part"))
        self.assertEqual(["right", "wrong", "ungradable"], self.texts("#s0 .verdict"))
        self.assertEqual(["Score: 1/4", "Score: 4/4", "Score: 0/4"], self.texts(".score"))

    def test_draws_where_a_tensor_differs(self):
        places = self.browser.run("""[...document.querySelectorAll('.map')].map((map) =>
            [...map.querySelectorAll('.map-cell')].map((cell) => [cell.x.baseVal.value, cell.y.baseVal.value]))""")
        # Elements 0, 5 and 11 of [2,2,3], a cell 24 wide.
        self.assertEqual([[[0, 0], [48, 24]], [[48, 24]]], places)
        colours = self.browser.run("""[...document.querySelectorAll('.map-cell, .map-back')].map((e) =>
            getComputedStyle(e).fill)""")
        self.assertEqual(2, len(set(colours)))

    def test_contents_lead_to_submissions(self):
        self.assertEqual(3, self.count("#contents tbody tr"))
        self.browser.click("#contents a[href='#s2']")
        self.assertLess(abs(self.browser.run("document.getElementById('s2').getBoundingClientRect().top")), 740)


class Class(Pages, PageCase):
    name = "class.html"

    def test_charts_are_their_tables(self):
        for chart, column in (("scores", 1), ("slips", 2)):
            with self.subTest(chart):
                shown = self.texts(f"#{chart} svg text:nth-of-type(even)")
                self.assertEqual(self.texts(f"#{chart}-table tbody td:nth-child({column + 1})"), shown)
        self.assertEqual(["67 %", "33 %", "33 %"], self.texts("#parts svg text:nth-of-type(even)"))
        widths = self.browser.run("""[...document.querySelectorAll('#parts .bar-part')].map((bar) =>
            bar.width.baseVal.value / 140)""")
        for width, share in zip(widths, (2 / 3, 1 / 3, 1 / 3)):
            self.assertAlmostEqual(share, width, places=2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--write-samples", required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
