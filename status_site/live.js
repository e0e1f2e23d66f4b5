// News: a small file is asked for again and again, conditionally; only when it says so the big one is.
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

  // Returns the JSON of `name`, null if it cannot be had. `no-cache` lets the browser ask "changed since?".
  async function ask(name) {
    const answer = await fetch(name, { cache: "no-cache", credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const date = Date.parse(answer.headers.get("Date") || "");
    if (!Number.isNaN(date)) ui.skew = (date - Date.now()) / 1000;
    return answer.json();
  }

  // `look(ask)` asks and shows what is new; it resolves to [time of the data, whether something changed, whether the
  // run goes on]. The pause doubles while nothing changes or the server does not answer.
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
        asOf = moment;
        on = goesOn;
        trouble = false;
        // A page that takes long to fetch and draw is not fetched all the time.
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
    if (on) timer = setTimeout(round, pause * 1000);
  };
})();
