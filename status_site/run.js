// The page of a run, assembled from its data and from the state in its address.
"use strict";
(() => {
  const { h } = ui;
  const main = document.getElementById("main");
  let view = ui.readable(ui.data);
  let rows = ui.rows(view);
  let stale = null;
  let listAt = 0;
  const outcomes = () => ui.data.legend.map(([name]) => name).filter((name) => view.counts[name]);
  let field = null;

  function versions() {
    const known = view.versions.filter(Boolean);
    const shown = known.length ? known.slice(0, 4) : view.browsers;
    const more = known.length > 4 ? ` and ${known.length - 4} more` : "";
    return [shown.map((name, place) => [place > 0 && ", ", ui.own(name)]), more, shown.length ? "" : "–"];
  }

  function hero() {
    const { counts } = view;
    const tile = (kind, word, number) => number > 0 && h("li", { class: kind }, h("b", {}, ui.number(number)), ` ${word}`);
    const words = ["running", "passed", "flaky", "failed", "error", "lost", "quarantined", "skipped", "cancelled", "not_started"].filter((name) => ui.legend[name]);
    return h("section", { class: "hero" },
      ui.verdict(ui.headline(view)),
      view.base && h("p", { class: "did" }, view.base.groups.filter(([, , number]) => number).map(([name, title, number]) => h("span", { class: name }, h("b", {}, ui.number(number)), ` ${title.toLowerCase()}`))),
      ui.isStale(view) && h("p", { class: "notice", id: "silent" }, "The coordinator of this run was last seen ", ui.when(view.beat), ". What you see is what it had written by then."),
      ui.bar(counts, view.planned),
      h("ul", { class: "tiles" }, tile("planned", "planned", view.planned), words.map((name) => tile(name, ui.legend[name].word, counts[name] ?? 0)),
        view.missing > 0 && tile("lost", "missing", view.missing)),
      h("dl", { class: "facts" },
        ui.isLive(view) && ui.fact("Time left", view.left_s === null ? "not known yet" : `about ${ui.roughly(view.left_s)}`),
        ui.fact("Took", ui.span(view.duration_s)),
        view.cost_usd !== null && ui.fact("Cost", `about ${ui.usd(view.cost_usd)}`),
        ui.fact("Started", ui.when(view.started)),
        ui.fact("URL", ui.tested(view)),
        (view.branch || view.commit) && ui.fact("Source", ui.source(view)),
        ui.fact("Run in", `${view.executor}, ${ui.counted(view.workers ?? view.owners.filter(Boolean).length, "worker")}`),
        ui.fact("Browsers", versions())));
  }

  // All cases come last, as they may be thousands of rows.
  const PARTS = [["review", "Needs review"], ["slow", "Slowest"], ["time", "Timeline"], ["all", "All cases"]];
  const jumps = () => h("nav", { class: "jumps", "aria-label": "Parts of this page" }, PARTS.map(([id, word]) => h("button", { type: "button", class: "quiet", onclick: () => {
    const part = document.getElementById(id);
    part.scrollIntoView({ block: "start" });
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  } }, word)), ui.otherRun(view) && !ui.embedded && h("a", { class: "quiet", href: ui.address({ compare: ui.otherRun(view) }) }, "Compare runs"));

  function list(text, again = false) {
    const matches = ui.matcher(text);
    for (const job of view.jobs) job.shown = matches(job);
    const jobs = view.jobs.filter((job) => job.shown);
    field.show(text, jobs.length);
    document.getElementById("review").replaceChildren(...ui.review(view, jobs).filter(Boolean));
    document.getElementById("all").replaceChildren(ui.matrix(view, rows, again));
    document.getElementById("slow").replaceChildren(...[ui.slowest(view)].filter(Boolean));
  }

  function draw(again = false) {
    const state = ui.state();
    const job = view.jobs.find((one) => one.k === state.get("job"));
    const traced = Boolean(job) && state.has("step");
    stale = ui.isStale(view);
    const other = state.get("compare");
    document.title = !job && other ? `${view.id} and ${other} · uitest` : job ? `${ui.legend[job.o].word}: ${job.c} · uitest` : `${ui.headline(view).word}: ${view.id} · uitest`;
    trail(job);
    if (traced) {
      const trace = ui.caseTrace(job, view, state.get("a"), () => draw());
      if (main.firstChild !== trace) {
        main.replaceChildren(trace);
        ui.traceRead();
      }
      return;
    }
    ui.traceLeave();
    if (!job && state.has("compare")) {
      main.replaceChildren(...ui.compareRuns(view, state.get("compare"), () => draw()).filter(Boolean));
      return;
    }
    if (job) {
      const matching = view.jobs.filter(ui.matcher(state.get("q") ?? ""));
      const reviewed = ui.reviewed(view, matching);
      const jobs = reviewed.includes(job) ? reviewed : matching; // from failure to failure, else through all
      const place = jobs.indexOf(job);
      const around = { before: jobs[place - 1], after: jobs[place + 1], place: place + 1, all: jobs.length };
      const open = [...main.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
      main.replaceChildren(...ui.case(job, view, state.get("a"), around, () => draw()).filter(Boolean));
      for (const one of main.querySelectorAll("details")) one.open ||= open.includes(one.firstChild.textContent);
      return;
    }
    field = ui.filterField(outcomes(), typed);
    field.element.append(jumps());
    const unknown = state.get("job");
    const notice = unknown && h("p", { class: "notice", role: "status" }, "This run has no job ", ui.own(unknown, "id"), ". Here is the whole run.");
    main.replaceChildren(...[notice].filter(Boolean), hero(), field.element, ...PARTS.map(([id]) => h("div", { id })));
    list(state.get("q") ?? "", again);
    document.getElementById("time").replaceChildren(...[ui.timeline(view)].filter(Boolean));
  }

  function trail(job) {
    const nav = document.querySelector(".top nav");
    const run = job ? h("a", { class: "id", href: ui.address({ ...ui.NO_TRACE, job: null, a: null }) }, view.id) : ui.own(view.id, "id");
    nav.replaceChildren(...(ui.embedded ? [run] : [h("a", { href: `${ui.root}index.html` }, "Runs"), " / ", run]));
  }

  // Typing changes the address without adding a history entry for each letter.
  function typed(text) {
    history.replaceState(null, "", ui.address({ q: text.trim() }));
    list(text);
  }

  // One level up: from a trace to its case, from a case to the run.
  const back = () => ui.address(ui.state().has("step") ? ui.NO_TRACE : ui.state().has("job") ? { job: null, a: null } : { compare: null, show: null });
  let shown = ui.state().get("job");
  let tracing = ui.state().has("step");
  let compared = ui.state().get("compare");
  addEventListener("hashchange", () => {
    const job = ui.state().get("job");
    const trace = ui.state().has("step");
    if (shown === null && job !== null) listAt = scrollY;
    draw();
    if (trace) ui.traceRead();
    const other = ui.state().get("compare");
    if (job !== shown || trace !== tracing) scrollTo(0, job === null ? listAt : 0);
    else if (other !== compared) scrollTo(0, 0);
    compared = other;
    if (job === null && shown !== null) {
      const again = [...main.querySelectorAll("a.open")].find((one) => one.getAttribute("href") === ui.address({ job: shown }));
      again?.focus({ preventScroll: true }); // the reader is where the case was opened
    }
    shown = job;
    tracing = trace;
    const chosen = document.querySelector(".chosen");
    if (job !== null && chosen) chosen.scrollIntoView({ block: "nearest" });
  });

  const walk = (rel) => () => {
    if (tracing) ui.traceKeys[rel === "next" ? "ArrowRight" : "ArrowLeft"].act();
    else if (shown === null) ui.step("a.open, .pair > summary", rel === "next" ? 1 : -1);
    else document.querySelector(`.walk [rel=${rel}]`)?.click();
  };
  ui.keyboard({
    ...ui.traceKeys,
    "/": { what: "filter; in a trace, find a step or request", act: (target) => {
      if (ui.traceKeys["/"].act(target) !== false) return;
      if (shown !== null) location.hash = ui.address({ ...ui.NO_TRACE, job: null, a: null });
      setTimeout(() => document.getElementById("filter")?.focus());
    } },
    j: { what: "next case; in a trace, next step", act: walk("next") },
    k: { what: "previous case; in a trace, previous step", act: walk("prev") },
    Enter: { what: "open the case", act: (target) => {
      if (target.id !== "filter") return false;
      ui.step("a.open", 1);
      return true;
    } },
    Esc: { what: "back to the case, to the run; leave and clear the filter", act: (target) => {
      if (shown !== null || ui.state().has("compare")) location.hash = back();
      else if (target.id === "filter" && !target.value) target.blur();
      else typed("");
    } },
  });

  draw();
  ui.live(() => view.active, async (ask) => {
    const summary = await ask(`${ui.root}index/${view.folder.slice("runs/".length)}.json`);
    const news = summary !== null && summary.revision !== view.revision ? await ask("run.json") : null;
    if (news) {
      const focus = document.activeElement?.getAttribute("href") ?? document.activeElement?.id;
      const caret = document.activeElement?.selectionStart;
      const at = scrollY;
      view = ui.readable(news);
      rows = ui.rows(view);
      draw(true);
      // Readers keep their place: the same scroll position and focus.
      scrollTo(0, at);
      const again = focus && [...main.querySelectorAll("a, input")].find((one) => one.id === focus || one.getAttribute("href") === focus);
      if (again) {
        again.focus({ preventScroll: true });
        if (caret !== undefined && caret !== null) again.setSelectionRange(caret, caret);
      }
    }
    if (summary) view.beat = Math.max(view.beat, summary.beat);
    return [summary?.now, Boolean(news), view.active];
  }, () => {
    if (ui.isStale(view) !== stale) draw();
  });
})();
