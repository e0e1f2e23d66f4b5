// What recurs in a suite on its branch: errors, flaky cases, modules that get worse or slower; and the page of one error.
"use strict";
(() => {
  const { h, svg } = ui;
  const SHOWN = 5;
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

  const onBranch = (found) => found.errors.filter((error) => error.on_branch > 0);
  function errors(found, view) {
    return h("section", { "aria-labelledby": "errors-title" }, h("h3", { id: "errors-title" }, "Errors"),
      h("ul", { class: "recurs" }, onBranch(found).slice(0, SHOWN).map((error) => h("li", {},
        h("a", { class: "open error", href: ui.address({ error: error.id }), title: error.text }, ui.own(error.text)),
        h("span", { class: "muted" }, `in ${error.on_branch} of ${ui.counted(found.runs, "run")}, ${ui.counted(error.cases.length, "case")}${error.hints.length ? `, ${error.hints.join(", ")}` : ""}`,
          error.last > 0 && [", last ", ui.when(view.runs[error.last].started)]),
        bars(error.strip)))));
  }
  function flaky(found, view) {
    return h("section", { "aria-labelledby": "flaky-title" }, h("h3", { id: "flaky-title" }, "Flaky cases"),
      h("ul", { class: "recurs" }, found.flaky.slice(0, SHOWN).map((one) => h("li", {},
        h("a", { class: "open", href: href(view.runs[one.last], filter("c", one.case)) }, ui.own(one.case)),
        h("span", { class: "muted" }, ui.own(one.module), ` in ${one.browser}: flaky in ${one.times} of ${ui.counted(one.of, "run")} (${Math.round((100 * one.times) / one.of)} %)`)))));
  }
  function modules(found, newest) {
    const change = ({ worse, slower }) => [worse && `${worse[1]} % of jobs fail, before ${worse[0]} %`, slower && `a case takes ${ui.span(slower[1])}, before ${ui.span(slower[0])}`].filter(Boolean).join("; ");
    return h("section", { "aria-labelledby": "modules-title" }, h("h3", { id: "modules-title" }, "Modules and tags that got worse or slower"),
      h("ul", { class: "recurs" }, found.modules.slice(0, SHOWN).map((one) => h("li", {},
        h("a", { class: "open", href: href(newest, filter(one.field, one.name)) }, one.field === "tag" && "tag ", ui.own(one.name)), h("span", { class: "muted" }, change(one))))));
  }
  // The lists that have something; `newest` is the newest run of the suite.
  ui.recurring = (found, view, newest) => {
    if (!found) return null;
    const lists = [onBranch(found).length > 0 && errors(found, view), found.flaky.length > 0 && flaky(found, view), found.modules.length > 0 && modules(found, newest)].filter(Boolean);
    return lists.length > 0 && h("section", { "aria-labelledby": "recurs-title" },
      h("h2", { id: "recurs-title" }, "What recurs ", h("small", {}, "in ", ui.counted(found.runs, "run"), view.branch && [" of ", ui.own(view.branch, "id")])), h("div", { class: "card recurring" }, lists));
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
