"""Debian's Chromium, driven by Selenium."""

import base64
import os
import pathlib
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

import world

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--ignore-certificate-errors", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
NO_SCRIPTS = {"profile.managed_default_content_settings.javascript": 2}
IS_INSTALLED = pathlib.Path("/usr/bin/chromedriver").exists()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = pathlib.Path(os.environ.get("IDENTITY_AXE", world.ROOT / "node_modules" / "axe-core" / "axe.min.js"))


class Browser:
    """A browser of one person, with an empty profile. End it by `stop`."""

    def __init__(self, frontend, scripts=True):
        self.frontend = frontend
        self._profile = tempfile.TemporaryDirectory(prefix="identity-chromium.")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for option in (*OPTIONS, f"--user-data-dir={self._profile.name}"):
            options.add_argument(option)
        if not scripts:
            options.add_experimental_option("prefs", NO_SCRIPTS)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(world.SECONDS)

    def stop(self):
        self.driver.quit()
        self._profile.cleanup()

    # --- What is on the screen ---

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.frontend.origin)

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def texts(self, selector):
        return [element.text for element in self.driver.find_elements(By.CSS_SELECTOR, selector)]

    def console(self):
        """The complaints of the browser about our pages since the last call, such as violations of the CSP."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("WARNING", "SEVERE")
                and (entry["message"].startswith(self.frontend.origin) or entry["source"] == "security")]

    # --- What a person does ---

    def open(self, path):
        self.driver.get(path if path.startswith("http") else self.frontend.origin + path)

    def follow(self, text):
        """Follows a link. Waits for the next page."""
        self._leave(self.driver.find_element(By.XPATH, f"//main//a[contains(normalize-space(), '{text}')]"))

    def press(self, label):
        """Presses a button. Waits for the next page."""
        self._leave(self.driver.find_element(By.XPATH, f"//main//button[normalize-space()='{label}']"))

    def log_out(self):
        self._leave(self.driver.find_element(By.XPATH, "//header//button[normalize-space()='Log out']"))

    def _leave(self, element):
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        WebDriverWait(self.driver, world.SECONDS).until(
            lambda driver: driver.find_element(By.TAG_NAME, "html") != page
            and driver.execute_script("return document.readyState") == "complete")

    def fill(self, **fields):
        for name, value in fields.items():
            element = self.driver.find_element(By.NAME, name)
            if element.get_attribute("type") == "checkbox":
                if element.is_selected() != value:
                    element.click()
            elif element.tag_name == "select":
                Select(element).select_by_value(value)
            else:
                element.clear()
                element.send_keys(value)

    def log_in(self, login, password=world.PASSWORD):
        self.open("/login")
        self.fill(login=login, password=password)
        self.press("Log in")

    # --- How it looks ---

    def show(self, width, dark):
        """A screen of this width, in light or dark."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def picture(self):
        """A PNG of the whole page."""
        answer = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        return base64.b64decode(answer["data"])

    def overflow(self):
        """By how many pixels the page is wider than the screen."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def violations(self):
        """What axe-core finds, in a line each."""
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(f"axe.run({{runOnly: {RULES}}}).then(arguments[0])")
        return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]
