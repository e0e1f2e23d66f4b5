// Two runs side by side: outcomes, durations, errors, attempts and screenshots of each job in this run and in another.
"use strict";
(() => {
  const { h } = ui;
  const CHUNK = 100;
  const BAD = ui.BAD;
  const SLOWER = 1.5; // times as long, and at least a second longer: worth a look
  let others = null; // the headers of all runs, once they have been loaded
  const loaded = new Map(); // by a run's id its data, "loading", or why it is not there

  async function get(name) {
    const answer = await fetch(name, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`the server said ${answer.status}`);
    return answer.json();
  }
  async function load(id, done) {
    loaded.set(id, "loading");
    try {
      others ??= (await get(`${ui.root}home.json`)).runs;
      const header = others.find((run) => run.id === id);
      if (!header) throw new Error("this site has no such run");
      loaded.set(id, { ...(await get(`${ui.root}${header.folder}/run.json`)), folder: header.folder });
    } catch (problem) {
      loaded.set(id, problem.message);
    }
    done();
  }

  // Pairs of jobs in the order of this run; jobs that only the other has come last.
  function pairs(view, other) {
    const there = new Map(other.jobs.map((job) => [job.k, job]));
    const both = view.jobs.map((job) => [job, there.get(job.k)]);
    const here = new Set(view.jobs.map((job) => job.k));
    return [...both, ...other.jobs.filter((job) => !here.has(job.k)).map((job) => [undefined, job])];
  }
  const slower = (one, two) => one && two && one - two >= 1 && one >= SLOWER * two;
  function differs(view, other, [one, two]) {
    if (one?.o !== two?.o || one.a?.length !== two.a?.length) return true;
    if (BAD.has(one.o) && view.errors[one.e] !== other.errors?.[two.e]) return true;
    return slower(ui.took(one), ui.took(two)) || slower(ui.took(two), ui.took(one));
  }

  const change = (one, two) => {
    if (!one || !two) return "";
    const percent = Math.round((100 * (one - two)) / two);
    return percent ? ` (${percent > 0 ? "+" : "−"}${Math.abs(percent)}\u00a0%)` : "";
  };
  const brief = (job) => (job ? [ui.chip(job.o), " ", h("span", { class: "muted" }, ui.took(job) === null ? "" : ui.span(ui.took(job)), job.a?.length > 1 ? ` · ${ui.counted(job.a.length, "attempt")}` : "")]
    : h("span", { class: "muted" }, "not planned"));

  // One run's side of an opened row: each attempt with its error and screenshot.
  function side(title, job, view, folder, done) {
    const detail = job && ui.detailOf(job, done, folder);
    const tries = (job?.a ?? []).map(([number, verdict, , took]) => {
      const told = detail?.[number];
      const image = told?.files.find((one) => one.kind === "image");
      return h("li", {}, h("p", {}, `Attempt ${number} `, ui.chip(verdict), " ", h("span", { class: "muted" }, ui.span(took))),
        told?.error && h("p", { class: "error", dir: "auto" }, told.error),
        image && h("a", { class: "shot", href: image.href ?? null }, h("img", { src: image.data ?? image.href, alt: `Screenshot of ${job.c} in ${title}, attempt ${number}`, loading: "lazy" })));
    });
    return h("div", { class: "side" }, h("h3", {}, title), tries.length ? h("ul", {}, tries) : h("p", { class: "muted" }, job ? "No attempt has ended." : "This run did not plan the job."));
  }

  // What the reader has opened stays open when the page is drawn again.
  const opened = new Set();
  function row(view, other, [one, two]) {
    const job = one ?? two;
    const from = one ? view : other;
    const name = [ui.own(from.modules[job.m].name), " › ", ui.own(job.c)];
    const found = h("details", { class: "pair" }, h("summary", {},
      h("span", { class: "name" }, name, " ", h("span", { class: "muted" }, from.browsers[job.b])),
      h("span", { class: "there" }, brief(two)), h("span", { "aria-hidden": "true" }, "→"),
      h("span", { class: "here" }, brief(one), h("span", { class: "muted" }, one && two ? change(ui.took(one), ui.took(two)) : ""))));
    const body = h("div", { class: "sides" });
    const fill = () => body.replaceChildren(side(other.id, two, other, other.folder, fill), side("this run", one, view, null, fill));
    const show = () => {
      if (!found.open || found.contains(body)) return;
      fill();
      found.append(body, one ? h("p", { class: "to-case" }, h("a", { class: "open", href: ui.address({ compare: null, job: one.k }) }, "Open the case")) : "");
    };
    found.addEventListener("toggle", () => {
      if (found.open) opened.add(job.k);
      else opened.delete(job.k);
      show();
    });
    found.open = opened.has(job.k);
    show();
    return found;
  }

  function list(view, other, wanted) {
    const matches = ui.matcher(ui.state().get("q") ?? "");
    const found = pairs(view, other).filter((pair) => (!pair[0] || matches(pair[0])) && (wanted === "all" || differs(view, other, pair)));
    const body = h("div", { class: "card pairs" });
    const end = ui.inPortions(body, found, CHUNK, (pair) => row(view, other, pair));
    if (!found.length) body.append(h("p", { class: "calm" }, wanted === "all" ? "Neither run has jobs." : "No job differs."));
    return h("section", { "aria-labelledby": "pairs-title" },
      h("h2", { id: "pairs-title" }, wanted === "all" ? "All jobs " : "What differs ", h("small", {}, ui.counted(found.length, "job"))), body, end);
  }

  function head(title, run, root) {
    return h("div", { class: "side" }, h("h2", {}, title), ui.verdict(ui.headline(run), "h3"), ui.bar(run.counts, run.planned),
      h("p", { class: "facts" }, h("span", {}, root === null ? ui.own(run.id, "id") : h("a", { href: `${root}${run.folder}/index.html` }, ui.own(run.id, "id"))),
        h("span", {}, ui.when(run.started)), h("span", {}, ui.span(run.duration_s)), (run.branch || run.commit) && h("span", {}, ui.source(run))));
  }

  function chooser(id) {
    if (!others) return null;
    const select = h("select", { id: "other-run" }, others.filter((run) => run.id !== ui.data.id).map((run) =>
      h("option", { value: run.id, selected: run.id === id }, `${run.id}${run.branch ? ` (${run.branch})` : ""}: ${run.headline.word}`)));
    select.addEventListener("change", () => {
      location.hash = ui.address({ compare: select.value });
    });
    return h("p", { class: "branches" }, h("label", { for: "other-run" }, "Compare with "), select);
  }

  // The run to compare with first: the base, or the run before.
  ui.otherRun = (view) => view.base?.folder ? view.base.id : view.past.at(-1)?.id;

  // The comparison with the run `id`; `redraw` is called when its data have been loaded.
  ui.compareRuns = (view, id, redraw) => {
    const back = h("p", { class: "walk" }, h("a", { href: ui.address({ compare: null, show: null }) }, "‹ Run"));
    const title = h("h1", { class: "long" }, "Two runs side by side");
    if (ui.embedded || location.protocol === "file:") {
      return [back, title, h("p", { class: "notice", role: "status" }, "Runs are compared where pages are served: uitest serve shows a folder.")];
    }
    if (!loaded.has(id)) load(id, redraw);
    const other = loaded.get(id);
    if (other === "loading") return [back, title, h("p", { class: "calm loading", role: "status" }, "The other run is being loaded.")];
    if (typeof other === "string") return [back, title, chooser(id), h("p", { class: "notice", role: "status" }, "The run ", ui.own(id, "id"), ` cannot be compared: ${other}.`)];
    const wanted = ui.state().get("show");
    return [back, title, chooser(id),
      h("section", { class: "hero sides", "aria-label": "The runs" }, head("Other run", other, ui.root), head("This run", view, null)),
      h("p", {}, h("a", { href: ui.address({ show: wanted === "all" ? null : "all" }) }, wanted === "all" ? "Show what differs" : "Show all jobs")),
      list(view, other, wanted)];
  };
})();
