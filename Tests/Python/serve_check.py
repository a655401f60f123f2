"""Asks `segfed serve` what a browser and others would, and says what came back, as one JSON document.

usage: serve_check.py URL PID PICTURES
The run behind URL goes on. First plain HTTP: statuses and headers. Then Chromium: whether the page renews itself without being loaded again,
with an opened table and the focus staying as they are, and what it says once the server (process PID) has ended.
"""

import http.client
import json
import os
import pathlib
import signal
import sys
import time
import urllib.parse

from axe_selenium_python import Axe

from page_check import ASKED, browser, picture


def ask(address, method, path, host=None):
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or address.netloc)
    connection.endheaders()
    answer = connection.getresponse()
    found = {"status": answer.status, "type": answer.getheader("Content-Type"), "bytes": len(answer.read())}
    found["length"] = int(answer.getheader("Content-Length") or 0)
    connection.close()
    return found


def events(address, count):
    """The first news of the page's stream: versions of the page."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    versions = []
    while len(versions) < count:
        line = answer.readline().decode()
        if line.startswith("data: "):
            versions.append(json.loads(line[6:])["version"])
    connection.close()
    return answer.getheader("Content-Type"), versions


def until(driver, script, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = driver.execute_script(script)
        if value:
            return value
        time.sleep(0.1)
    raise TimeoutError(script)


ROUNDS = "return [...document.querySelectorAll('dt')].find(e => e.textContent === 'Rounds').nextElementSibling.textContent"
LINE = "return document.getElementById('live').textContent"

address = urllib.parse.urlparse(sys.argv[1])
pictures = pathlib.Path(sys.argv[3])
pictures.mkdir(parents=True, exist_ok=True)
result = {
    "page": ask(address, "GET", "/"),
    "head": ask(address, "HEAD", "/"),
    "post": ask(address, "POST", "/"),
    "delete": ask(address, "DELETE", "/"),
    "elsewhere": ask(address, "GET", "/config.yaml"),
    "above": ask(address, "GET", "/../coordinator/rounds.jsonl"),
    "rebound": ask(address, "GET", "/", host="attacker.example"),
}
result["stream"], versions = events(address, 3)
result["versions"] = len(set(versions))

driver = browser()
try:
    driver.set_script_timeout(60)
    driver.get(sys.argv[1])
    until(driver, "return document.querySelector('#learning details')")
    # What a reader has done: one table opened, the focus on its handle, a mark that loading anew would take away.
    driver.execute_script("""window.mark = 1; const details = document.querySelector('#learning details');
      details.open = true; details.querySelector('summary').focus()""")
    before = driver.execute_script(ROUNDS)
    until(driver, f"return ({ROUNDS.removeprefix('return ')}) !== {json.dumps(before)}")
    result["before"], result["after"] = before, driver.execute_script(ROUNDS)
    result["kept"] = driver.execute_script("""const details = document.querySelector('#learning details');
      return window.mark === 1 && details.open && document.activeElement === details.querySelector('summary')""")
    result["line"] = driver.execute_script(LINE)
    result["asked"] = driver.execute_script(ASKED)
    axe = Axe(driver)
    axe.inject()
    result["serious"] = [
        f"{item['id']}: {item['help']}" for item in axe.run()["violations"] if item["impact"] in ("serious", "critical")]
    result["too_wide"] = [width for width in (390, 1440) if picture(driver, width, pictures / f"live-{width}.png")]
    result["console"] = [entry["message"] for entry in driver.get_log("browser") if entry["level"] != "INFO"]
    os.kill(int(sys.argv[2]), signal.SIGINT)
    result["lost"] = until(driver, f"const text = {LINE.removeprefix('return ')}; return text.includes('not answer') && text")
finally:
    driver.quit()
json.dump(result, sys.stdout)
