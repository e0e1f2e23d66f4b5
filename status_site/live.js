// Polling for news: a small file is requested again and again, conditionally, and the big file only when it has changed.
"use strict";
(() => {
  const SOONEST_S = 2;
  const LATEST_S = 60;
  const age = document.getElementById("age");
  let asOf = ui.data.now;
  let trouble = false;

  function tellAge(live) {
    const told = ui.age(ui.now() - asOf) ?? new Date(asOf * 1000).toLocaleDateString();
    age.classList.toggle("trouble", trouble);
    age.replaceChildren(ui.h("span", { class: live && !trouble ? "pulse" : "pulse off", "aria-hidden": "true" }), `${trouble ? "no news: " : ""}data from ${told}`);
  }

  // Returns the JSON of `name`, or null if it has not changed. We keep the validator ourselves: the browser's cache
  // would return the old text again, and some engines keep none.
  const tags = new Map();
  async function ask(name) {
    const tag = tags.get(name);
    const answer = await fetch(name, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
    const date = Date.parse(answer.headers.get("Date") || "");
    if (!Number.isNaN(date)) ui.skew = (date - Date.now()) / 1000;
    if (answer.status === 304) return null;
    if (!answer.ok) throw new Error(`${answer.status}`);
    const found = await answer.json();
    tags.set(name, answer.headers.get("ETag")); // only now: a body that broke off is asked for again
    return found;
  }

  // `look(ask)` requests and shows what is new; it resolves to [time of the data if it changed, whether anything changed,
  // whether the run continues]. The pause doubles while nothing changes or the server does not answer.
  ui.live = (isLive, look, tick) => {
    let pause = SOONEST_S;
    let timer = null;
    let on = isLive();
    async function round() {
      timer = null;
      if (document.hidden || !on) return;
      const began = performance.now();
      try {
        const [moment, changed, goesOn] = await look(ask);
        asOf = moment ?? asOf;
        on = goesOn;
        trouble = false;
        // A page that takes long to fetch and draw is fetched less often.
        pause = changed ? Math.max(SOONEST_S, (performance.now() - began) / 200) : Math.min(pause * 1.5, LATEST_S / 4);
      } catch {
        trouble = true;
        pause = Math.min(pause * 2, LATEST_S);
      }
      show();
      if (on && !document.hidden) timer = setTimeout(round, pause * 1000);
    }
    function show() {
      tellAge(on);
      tick();
    }
    show();
    setInterval(show, 1000);
    if (location.protocol === "file:" || ui.embedded) {
      on = false; // a page from a folder cannot ask
      return;
    }
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && on && timer === null) round();
    });
    addEventListener("online", () => {
      if (on && timer !== null) {
        clearTimeout(timer);
        round();
      }
    });
    if (on) timer = setTimeout(round, pause * 1000);
  };
})();
