(() => {
  "use strict";
  // In print every table is open, and closed again behind it.
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      // A chart says most of what a long table would fill pages with.
      if (details.querySelectorAll("tbody tr").length <= 40) { details.open = true; closed.push(details); }
    }
  });
  addEventListener("afterprint", () => { for (const details of closed.splice(0)) details.open = false; });
})();
