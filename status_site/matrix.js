// All cases, a row each, with a column for each browser. Only visible rows are drawn, so ten thousand jobs are as fast as ten.
"use strict";
(() => {
  const { h } = ui;
  const CHUNK = 40;

  // Rows by module and case, in plan order.
  ui.rows = (view) => {
    const rows = new Map();
    for (const job of view.jobs) {
      const key = `${job.m}\n${job.c}`;
      if (!rows.has(key)) rows.set(key, { module: job.m, name: job.c, cells: [] });
      rows.get(key).cells[job.b] = job;
    }
    return [...rows.values()].sort((one, other) => one.module - other.module);
  };

  function cell(job, view, place) {
    const label = view.browsers[place];
    if (!job) return h("td", { class: "none", "data-b": label }, h("span", { class: "unseen" }, "not planned"));
    const href = ui.address({ job: job.k });
    const chip = ui.chip(job.o, href);
    chip.classList.add("open");
    chip.setAttribute("aria-label", `${ui.legend[job.o].word}: ${job.c} in ${label}`);
    const took = ui.took(job) === null ? "" : ui.span(ui.took(job));
    return h("td", { "data-b": label, class: job.shown ? null : "dim" },
      h("div", { class: "cell" }, chip, took && h("i", {}, took, job.a.length > 1 ? ` ×${job.a.length}` : ""), ui.strip(job.h)));
  }

  function moduleRow(place, view) {
    const { name, tags, counts } = view.modules[place];
    const sum = Object.values(counts).reduce((one, other) => one + other, 0);
    return h("tr", { class: "module" }, h("th", { scope: "rowgroup", colspan: view.browsers.length + 1 },
      h("div", {}, ui.own(name, "title"), tags.map((tag) => h("span", { class: "tag" }, tag)), ui.bar(counts, sum), h("span", { class: "muted" }, ui.said(counts)))));
  }

  // All rows that were drawn before, when the same rows are drawn again with news; and all rows for the printer.
  let reached = CHUNK;
  let drawAll = () => {};
  addEventListener("beforeprint", () => drawAll());

  // The matrix of those rows that have a job in `shown`; `again` if only news made it necessary to draw it.
  ui.matrix = (view, rows, again = false) => {
    const shown = rows.filter((row) => row.cells.some((job) => job?.shown));
    const body = h("tbody");
    const end = h("div", { class: "end" });
    let drawn = 0;
    let module = null;
    function more(number = CHUNK) {
      const next = [];
      for (const row of shown.slice(drawn, drawn + number)) {
        if (row.module !== module) next.push(moduleRow(row.module, view));
        module = row.module;
        next.push(h("tr", {}, h("th", { scope: "row" }, ui.own(row.name)), view.browsers.map((_, place) => cell(row.cells[place], view, place))));
      }
      drawn += number;
      reached = drawn;
      body.append(...next);
      const left = shown.length - drawn;
      end.replaceChildren(...(left > 0 ? [h("button", { type: "button", class: "quiet", onclick: () => more() }, `${ui.number(left)} more`)] : []));
      return left > 0;
    }
    more(again ? reached : CHUNK);
    drawAll = () => more(Infinity);
    const observer = new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting) && !more()) observer.disconnect();
    }, { rootMargin: "800px" });
    if (shown.length > CHUNK) observer.observe(end);
    const table = h("table", { class: `matrix b${Math.min(view.browsers.length, 4)}` },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Case"), view.browsers.map((name) => h("th", { scope: "col" }, name)))), body);
    return h("section", { id: "matrix", "aria-labelledby": "matrix-title" },
      h("h2", { id: "matrix-title" }, "All cases ", h("small", {}, `${ui.counted(shown.length, "case")}${view.past.length && shown.length ? ", with their last 20 outcomes" : ""}`)),
      shown.length ? h("div", { class: "card" }, table) : h("p", { class: "calm" }, view.jobs.length ? "No case matches the filter." : "No jobs are planned yet."), end);
  };
})();
