// The timeline: a lane for each worker, with its attempts split into browser, test and report.
"use strict";
(() => {
  const { h, svg } = ui;
  const WIDTH = 1000;
  const MOST = 300;
  const KINDS = [["queue", "until its first case"], ["browser", "browser"], ["test", "test"], ["report", "reports and pictures"]];

  // Attempts by worker; those that are still running last until `end`.
  function lanes(view, end) {
    const found = new Map();
    const add = (owner, one) => {
      if (!found.has(owner)) found.set(owner, []);
      found.get(owner).push(one);
    };
    for (const job of view.jobs) {
      for (const [number, verdict, at, took, owner, , , browser, test] of job.a || []) {
        if (verdict !== "lost") add(owner, { job, number, verdict, at, took, browser, test });
      }
      if (job.r) add(job.r[2], { job, number: job.r[0], verdict: "running", at: job.r[1], took: Math.max(end - job.r[1], 0), browser: 0, test: 0 });
    }
    const sorted = [...found].map(([owner, attempts]) => ({ owner, attempts: attempts.sort((one, other) => one.at - other.at) }));
    return sorted.sort((one, other) => one.attempts[0].at - other.attempts[0].at);
  }

  ui.timeline = (view) => {
    const end = Math.max(view.duration_s, 0.1);
    const all = lanes(view, end);
    if (!all.length) return null;
    const shown = all.slice(0, MOST);
    const high = shown.length > 60 ? 5 : 18;
    const total = Math.max(end, ...shown.flatMap((lane) => lane.attempts.map((one) => one.at + one.took)));
    const x = (seconds) => ((seconds / total) * WIDTH).toFixed(2);
    // One path for each kind, so that ten thousand attempts need only a few elements.
    const paths = Object.fromEntries([...KINDS.map(([kind]) => kind), "bad", "running"].map((kind) => [kind, []]));
    const box = (kind, lane, from, seconds, top = 2, height = high - 4) => {
      if (seconds > 0) paths[kind].push(`M${x(from)} ${lane * high + top}H${x(from + seconds)}v${height}H${x(from)}Z`);
    };
    shown.forEach(({ attempts }, lane) => {
      box("queue", lane, 0, attempts[0].at, high / 2 - 0.5, 1);
      for (const one of attempts) {
        if (one.verdict === "running") box("running", lane, one.at, one.took);
        else {
          const told = one.browser + one.test > 0;
          box("browser", lane, one.at, one.browser);
          box("test", lane, one.at + one.browser, told ? one.test : one.took);
          box("report", lane, one.at + one.browser + one.test, told ? one.took - one.browser - one.test : 0);
        }
        if (one.verdict === "failed" || one.verdict === "error") box("bad", lane, one.at, Math.max(one.took, total / 500), high - 3, 2);
      }
    });
    const drawing = svg("svg", {
      class: "lanes", viewBox: `0 0 ${WIDTH} ${shown.length * high}`, preserveAspectRatio: "none", role: "application", tabindex: "0", height: shown.length * high,
      "aria-roledescription": "timeline",
      "aria-label": `${ui.counted(all.length, "worker")} over ${ui.span(total)}`,
    }, Object.entries(paths).map(([kind, parts]) => parts.length > 0 && svg("path", { class: kind, d: parts.join("") })));
    const told = h("p", { class: "muted told", role: "status" }, "Point at an attempt to see it, click to open its case; with the keyboard, arrows and Enter.");
    const tell = (one) => told.replaceChildren(ui.own(one.job.c), ` in ${view.browsers[one.job.b]}, attempt ${one.number}: ${one.verdict}, ${ui.span(one.took)} from ${ui.span(one.at)}`);
    const open = (one) => { location.hash = ui.address({ job: one.job.k, a: String(one.number) }); };
    const at = (event) => {
      const around = drawing.getBoundingClientRect();
      const lane = shown[Math.floor(((event.clientY - around.top) / around.height) * shown.length)];
      const seconds = ((event.clientX - around.left) / around.width) * total;
      return lane?.attempts.findLast((one) => one.at <= seconds && seconds <= one.at + Math.max(one.took, total / 200));
    };
    drawing.addEventListener("pointermove", (event) => {
      const one = at(event);
      drawing.classList.toggle("hit", Boolean(one));
      if (one) tell(one);
    });
    drawing.addEventListener("click", (event) => {
      const one = at(event);
      if (one) open(one);
    });
    // Left and right go through a worker's attempts, up and down to another worker's at about the same time.
    const mark = svg("rect", { class: "mark", height: high - 2, width: 0 });
    drawing.append(mark);
    let chosen = null;
    const near = (lane, seconds) => lane.attempts.reduce((best, one) => (Math.abs(one.at - seconds) < Math.abs(best.at - seconds) ? one : best));
    const walks = {
      ArrowRight: ([lane, one]) => [lane, shown[lane].attempts[shown[lane].attempts.indexOf(one) + 1]],
      ArrowLeft: ([lane, one]) => [lane, shown[lane].attempts[shown[lane].attempts.indexOf(one) - 1]],
      ArrowDown: ([lane, one]) => [lane + 1, shown[lane + 1] && near(shown[lane + 1], one.at)],
      ArrowUp: ([lane, one]) => [lane - 1, shown[lane - 1] && near(shown[lane - 1], one.at)],
    };
    drawing.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && chosen) {
        event.stopPropagation();
        open(chosen[1]);
        return;
      }
      if (!(event.key in walks)) return;
      event.preventDefault();
      const next = chosen ? walks[event.key](chosen) : [0, shown[0].attempts[0]];
      if (!next[1]) return;
      chosen = next;
      for (const [name, value] of [["x", x(next[1].at)], ["y", next[0] * high + 1], ["width", Math.max(Number(x(next[1].took)), 3)]]) mark.setAttribute(name, value);
      tell(next[1]);
    });
    const labels = high > 10 && h("ol", { class: "workers", "aria-hidden": "true" }, shown.map((lane) => h("li", { title: view.owners[lane.owner] }, view.owners[lane.owner])));
    return h("section", { id: "timeline", "aria-labelledby": "timeline-title" },
      h("h2", { id: "timeline-title" }, "Timeline ", h("small", {}, `${ui.counted(all.length, "worker")}, ${ui.span(total)}`)),
      h("div", { class: "card timeline" },
        h("ul", { class: "legend" }, KINDS.map(([kind, word]) => h("li", {}, svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, svg("rect", { class: kind, width: 12, height: 12, rx: 2 })), word)),
          h("li", {}, svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, svg("rect", { class: "bad", y: 8, width: 12, height: 3 })), "failed or error")),
        h("div", { class: "plot" }, labels, h("div", {}, drawing,
          h("div", { class: "axis", "aria-hidden": "true" }, [0, 0.25, 0.5, 0.75, 1].map((part) => h("span", {}, ui.span(total * part)))))),
        all.length > MOST && h("p", { class: "muted" }, `The first ${MOST} of ${ui.number(all.length)}.`), told));
  };

  // The slowest cases, and how much slower they were than usual.
  ui.slowest = (view) => {
    const timed = view.slowest.filter((job) => job.shown).slice(0, 10);
    if (!timed.length) return null;
    const change = (job) => {
      if (!job.u) return h("span", { class: "muted" }, "no median yet");
      const percent = Math.round((ui.took(job) / job.u - 1) * 100);
      return h("span", { class: percent > 25 ? "slower" : "muted" }, `${percent > 0 ? "▲ +" : percent < 0 ? "▼ −" : ""}${Math.abs(percent)} % of ${ui.span(job.u)}`);
    };
    const longest = ui.took(timed[0]) || 1;
    return h("section", { id: "slowest", "aria-labelledby": "slowest-title" },
      h("h2", { id: "slowest-title" }, "Slowest ", h("small", {}, "last attempt of each, against its median")),
      h("ol", { class: "card slow" }, timed.map((job) => h("li", {},
        h("a", { class: "open name", href: ui.address({ job: job.k }) }, ui.own(view.modules[job.m].name), " › ", ui.own(job.c)),
        h("span", { class: "muted" }, view.browsers[job.b]),
        svg("svg", { class: "amount", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width: (100 * ui.took(job)) / longest, height: 4 })),
        h("b", {}, ui.span(ui.took(job))), change(job)))));
  };
})();
