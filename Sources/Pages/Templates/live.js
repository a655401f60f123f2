(() => {
  "use strict";
  // News come as server-sent events: the version of the page. What has changed of it is put in place: open tables stay open, focus and
  // place stay.
  const line = document.getElementById("live");
  const clock = () => new Date().toLocaleTimeString();
  let shown = null, updated = clock();

  function say(text, isLost) {
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("lost", isLost);
  }

  // What a reader has opened is not a difference.
  function content(element) {
    const copy = element.cloneNode(true);
    for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
    return copy.outerHTML;
  }

  function renew(old, next) {
    if (content(old) === content(next)) return;
    const opened = [...old.querySelectorAll("details")].map(details => details.open);
    const reached = "a, summary, [tabindex]";
    const focus = [...old.querySelectorAll(reached)].indexOf(document.activeElement);
    next.querySelectorAll("details").forEach((details, index) => { details.open = opened[index] === true; });
    old.replaceWith(next);
    if (focus >= 0) next.querySelectorAll(reached)[focus]?.focus({preventScroll: true});
  }

  function take(next) {
    document.title = next.title;
    renew(document.querySelector("header"), next.querySelector("header"));
    const main = document.querySelector("main");
    const sections = [...next.querySelectorAll("main > section")];
    const kept = new Set(sections.map(section => section.id));
    for (const section of [...main.children]) if (!kept.has(section.id)) section.remove();
    sections.forEach((section, index) => {
      const old = document.getElementById(section.id);
      if (old) renew(old, section);
      else main.insertBefore(section, main.children[index] ?? null);
    });
  }

  async function refresh(version) {
    const answer = await fetch("./", {cache: "no-store"});
    if (!answer.ok) throw new Error(answer.statusText);
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    [shown, updated] = [version, clock()];
  }

  const source = new EventSource("events");
  source.addEventListener("page", event => {
    const news = JSON.parse(event.data);
    const said = () => say(news.problem ?? `Live: follows the run. Last change seen at ${updated}.`, Boolean(news.problem));
    if (shown === news.version) { said(); return; }
    refresh(news.version).then(said, () => say(`The page could not be read again at ${clock()}.`, true));
  });
  source.addEventListener("error", () =>
    say(`segfed serve does not answer since ${clock()}; this is what it showed last.`, true));
})();
