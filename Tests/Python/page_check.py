"""Opens pages in Chromium and says what a reader would meet, as one JSON document.

usage: page_check.py PICTURES PAGE…
For each page: console messages, what it asked for beside itself, plots (title, number of marks), axe-core's serious findings, the text, and how long it
took to load and to scroll through, at best. Pictures of 390 and 1440 pixels' width and the printed page (PDF) go to the folder PICTURES.
"""

import base64
import json
import pathlib
import sys
import time

from axe_selenium_python import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

PLOTS = """return [...document.querySelectorAll('svg.chart')].map(svg => ({
  title: svg.querySelector('title')?.textContent ?? '', marks: svg.querySelectorAll('.mark').length,
  overflow: [...svg.querySelectorAll('text')].some(text => { const box = text.getBBox(), view = svg.viewBox.baseVal;
    return box.x + box.width > view.width + 2 || box.x < -2; }) }))"""
IDS = "const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.length - new Set(ids).size"
ASKED = "return performance.getEntriesByType('resource').map(entry => entry.name)"
WIDE = "return document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def picture(driver, width, path):
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
    height = min(16000, driver.execute_script("return document.documentElement.scrollHeight"))
    is_wide = driver.execute_script(WIDE)
    shot = driver.execute_cdp_cmd(
        "Page.captureScreenshot",
        {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}})
    path.write_bytes(base64.b64decode(shot["data"]))
    return is_wide


def requests(driver, page):
    """Everything that was asked for over whatever scheme, but the page itself and data: URLs."""
    asked = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if url != page and not url.startswith("data:"):
                asked.append(url)
    return asked


def viewer(driver):
    """What the first viewer of slices says: at once, and after one step of its first slider."""
    viewers = driver.find_elements("css selector", ".viewer")
    if not viewers:
        return []
    driver.execute_script("arguments[0].scrollIntoView()", viewers[0])
    said = []
    for _ in range(2):
        end, words = time.monotonic() + 10, ""
        while not words.startswith(("axial", "Pixel", "across")) or words in said:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
            words = viewers[0].find_element("css selector", ".told").text
        said.append(words)
        viewers[0].find_element("css selector", ".plane input").send_keys("\ue012")  # arrow left
    return said


def check(driver, path, pictures):
    page = path.resolve().as_uri()
    driver.get_log("performance")
    loads = []
    # The best of three: other programs compute beside.
    for _ in range(3):
        start = time.monotonic()
        driver.get(page)
        loads.append(time.monotonic() - start)
    loaded = min(loads)
    driver.execute_script(
        "window.violations = []; document.addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective))")
    result = {"loaded": loaded, "title": driver.title, "plots": driver.execute_script(PLOTS), "doubled_ids": driver.execute_script(IDS)}
    result["text"] = driver.execute_script("return document.body.textContent")
    result["pictures"] = driver.execute_script(
        "return [...document.querySelectorAll('img, image, canvas')].map(image => image.getAttribute('alt') ?? '')")
    result["viewer"] = viewer(driver)
    result["console"] = [entry["message"] for entry in driver.get_log("browser") if entry["level"] != "INFO"]
    result["requests"] = requests(driver, page) + driver.execute_script(ASKED)
    # Frames while the page scrolls from top to bottom: how long the slowest took, in ms. Other programs compute beside, so the best of
    # several times: what they take from a frame says nothing of the page.
    frames = []
    while len(frames) < 12 and (len(frames) < 3 or min(frames) > 60):
        frames.append(driver.execute_async_script("""
      const done = arguments[0]; const steps = 30; let step = 0, last = performance.now(), slowest = 0;
      const height = document.documentElement.scrollHeight;
      function frame(now) { if (step > 1) slowest = Math.max(slowest, now - last); last = now;
        if (step++ < steps) { scrollTo(0, height * step / steps); requestAnimationFrame(frame); } else done(slowest); }
      requestAnimationFrame(frame);"""))
    result["slowest_frame"] = min(frames)
    for details in driver.find_elements("css selector", "details")[:3]:
        driver.execute_script("arguments[0].open = true", details)
    axe = Axe(driver)
    axe.inject()
    found = axe.run()
    result["serious"] = [
        f"{item['id']}: {item['help']} ({item['nodes'][0]['html'][:120]})" for item in found["violations"]
        if item["impact"] in ("serious", "critical")]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    result["serious_dark"] = [
        f"{item['id']}: {item['help']} ({item['nodes'][0]['html'][:120]})" for item in axe.run()["violations"]
        if item["impact"] in ("serious", "critical")]
    picture(driver, 1440, pictures / f"{path.stem}-1440-dark.png")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
    result["too_wide"] = [width for width in (390, 1440) if picture(driver, width, pictures / f"{path.stem}-{width}.png")]
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    (pictures / f"{path.stem}.pdf").write_bytes(base64.b64decode(printed["data"]))
    return result


if __name__ == "__main__":
    pictures = pathlib.Path(sys.argv[1])
    pictures.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in sys.argv[2:]:
        driver = browser()
        try:
            driver.set_script_timeout(120)
            results[name] = check(driver, pathlib.Path(name), pictures)
        finally:
            driver.quit()
    json.dump(results, sys.stdout)
