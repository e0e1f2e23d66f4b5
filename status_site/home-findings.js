// What recurs in a suite on its branch: errors, flaky cases, modules that get worse or slower; and the page of one error.
"use strict";
(() => {
  const { h, svg } = ui;
  const SHOWN = 5; // entries of each list
  const FEW = 2; // entries of each list where there are several suites
  const SUITES = 4;
  const href = (run, state = "") => `${run.folder}/index.html${state}`;
  // A filter that finds a text anywhere in a field.
  const filter = (field, text) => `#${new URLSearchParams({ q: `${field}:"${text.replaceAll('"', "")}"` })}`;

  // In how many jobs of each run it was met, oldest run first.
  function bars(strip) {
    if (strip.length < 2) return null;
    const top = Math.max(...strip, 1);
    const met = strip.filter(Boolean).length;
    const told = `met in ${met} of the last ${ui.counted(strip.length, "run")}`;
    return svg("svg", { class: "strip", viewBox: `0 0 ${strip.length * 5} 14`, width: strip.length * 5, height: 14, role: "img", "aria-label": told }, svg("title", {}, told),
      strip.map((number, n) => {
        const height = number ? Math.max((14 * number) / top, 4) : 2;
        return svg("rect", { class: number ? "failed" : "skipped", x: n * 5, y: 14 - height, width: 4, height, rx: 1 });
      }));
  }
  const runLink = (run) => [h("a", { href: href(run) }, run.commit ? ui.commit(run) : ui.own(run.id, "id")), ", ", ui.when(run.started)];

  // One list; `at` has the level of its heading, the most entries, and what makes its id unique.
  const list = (name, title, at, entries, line) => entries.length > 0 && h("section", { "aria-labelledby": `${name}${at.id}` },
    h(at.level, { id: `${name}${at.id}` }, title), h("ul", { class: "recurs" }, entries.slice(0, at.most).map((one) => h("li", {}, line(one)))));

  const errors = (found, view, at) => list("errors", "Errors", at, found.errors.filter((error) => error.on_branch > 0), (error) => [
    h("a", { class: "open error", href: ui.address({ error: error.id }), title: error.text }, ui.own(error.text)),
    h("span", { class: "muted" }, `in ${error.on_branch} of ${ui.counted(found.runs, "run")}, ${ui.counted(error.cases.length, "case")}${error.hints.length ? `, ${error.hints.join(", ")}` : ""}`,
      error.last > 0 && [", last ", ui.when(view.runs[error.last].started)]),
    bars(error.strip)]);
  const flaky = (found, view, at) => list("flaky", "Flaky cases", at, found.flaky, (one) => [
    h("a", { class: "open", href: href(view.runs[one.last], filter("c", one.case)) }, ui.own(one.case)),
    h("span", { class: "muted" }, ui.own(one.module), ` in ${one.browser}: flaky in ${one.times} of ${ui.counted(one.of, "run")} (${Math.round((100 * one.times) / one.of)} %)`)]);
  const change = ({ worse, slower }) => [worse && `${worse[1]} % of jobs fail, before ${worse[0]} %`, slower && `a case takes ${ui.span(slower[1])}, before ${ui.span(slower[0])}`].filter(Boolean).join("; ");
  const modules = (found, newest, at) => list("modules", "Modules and tags that got worse or slower", at, found.modules, (one) => [
    h("a", { class: "open", href: href(newest, filter(one.field, one.name)) }, one.field === "tag" && "tag ", ui.own(one.name)), h("span", { class: "muted" }, change(one))]);

  // The lists that have something; `newest` is the newest run of the suite.
  const lists = (found, view, newest, at) => (found ? [errors(found, view, at), flaky(found, view, at), modules(found, newest, at)].filter(Boolean) : []);
  const inRuns = (found, view) => h("small", {}, "in ", ui.counted(found.runs, "run"), view.branch && [" of ", ui.own(view.branch, "id")]);
  ui.recurring = (found, view, newest) => {
    const all = lists(found, view, newest, { level: "h3", most: SHOWN, id: "-title" });
    return all.length > 0 && h("section", { "aria-labelledby": "recurs-title" },
      h("h2", { id: "recurs-title" }, "What recurs ", inRuns(found, view)), h("div", { class: "card recurring" }, all));
  };
  // Several suites: a card for each that has something, with the first entries; its name leads to all.
  ui.recurringEach = (lines, view) => {
    const cards = lines.filter(({ latest }) => latest.branch === view.branch).map(({ name, place, latest }) => {
      const found = view.found?.[place];
      const some = lists(found, view, latest, { level: "h4", most: FEW, id: `-title-${place}` });
      return some.length > 0 && h("section", { class: "card suite", "aria-labelledby": `suite-title-${place}` },
        h("h3", { id: `suite-title-${place}` }, h("a", { class: "title", href: ui.address({ suite: name }) }, ui.own(name)), " ", inRuns(found, view)), h("div", { class: "recurring" }, some));
    }).filter(Boolean);
    if (!cards.length) return null;
    const body = h("div", { class: "each" });
    return h("section", { "aria-labelledby": "recurs-title" },
      h("h2", { id: "recurs-title" }, "What recurs ", h("small", {}, "in each suite; its name leads to more")), body, ui.inPortions(body, cards, SUITES, (card) => card, "suite"));
  };

  ui.errorOf = (view, id) => (view.found ?? []).flatMap((found) => found.errors).find((error) => error.id === id);
  ui.errorView = (error, view) => {
    const [first, last] = [view.runs[error.first], view.runs[error.last]];
    return [
      h("section", { class: "hero" },
        h("p", { class: "walk" }, h("a", { href: ui.address({ error: null }) }, "‹ All runs")),
        h("h1", { class: "long" }, ui.own(error.text)),
        error.hints.length > 0 && h("p", { class: "notice" }, `It was met ${error.hints.join(", and ")}.`),
        bars(error.strip),
        h("dl", { class: "facts" },
          ui.fact("First seen", runLink(first)), error.last !== error.first && ui.fact("Last seen", runLink(last)),
          ui.fact("Met by", `${ui.counted(error.jobs, "job")} in ${ui.counted(error.met.length, "run")}`),
          error.branches.length > 0 && ui.fact("Branches", error.branches.map((name, n) => [n > 0 && ", ", ui.own(name, "id")])),
          ui.fact("Browsers", error.browsers.join(", ")))),
      h("section", { "aria-labelledby": "cases-title" }, h("h2", { id: "cases-title" }, "Cases ", h("small", {}, ui.number(error.cases.length))),
        h("ul", { class: "card recurs" }, error.cases.map(([module, name]) => h("li", {}, h("a", { class: "open", href: href(last, filter("c", name)) }, ui.own(name)), h("span", { class: "muted" }, ui.own(module)))))),
      h("section", { "aria-labelledby": "met-title" }, h("h2", { id: "met-title" }, "Runs ", h("small", {}, ui.number(error.met.length))),
        h("ul", { class: "card recurs" }, error.met.map(([place, jobs]) => h("li", {},
          h("a", { class: "open", href: href(view.runs[place], filter("e", error.text.slice(0, 80))) }, ui.own(view.runs[place].id, "id")),
          h("span", { class: "muted" }, ui.source(view.runs[place]), " ", ui.when(view.runs[place].started), `, ${ui.counted(jobs, "job")}`))))),
    ];
  };
})();
