// The home page: the latest verdict, the trends, every run.
"use strict";
(() => {
  const { h, svg } = ui;
  const main = document.getElementById("main");
  const CHUNK = 100;
  const TREND = 40;
  const GREEN = ["passed", "flaky", "skipped"];
  let view = ui.data;
  let told = "";
  const href = (run) => `${run.folder}/index.html`;
  const share = (run) => GREEN.reduce((sum, name) => sum + (run.counts[name] ?? 0), 0) / Math.max(run.planned, 1);

  function hero(latest, before) {
    return h("section", { class: "hero" },
      ui.verdict(ui.headline(latest)),
      ui.bar(latest.counts, latest.planned),
      h("p", { class: "facts" },
        h("span", {}, "Latest run ", h("a", { href: href(latest) }, ui.own(latest.id, "id"))), h("span", {}, ui.when(latest.started)),
        h("span", {}, ui.span(latest.duration_s)), latest.cost_usd !== null && h("span", {}, `about ${ui.usd(latest.cost_usd)}`),
        h("span", {}, ui.tested(latest)), (latest.branch || latest.commit) && h("span", {}, ui.source(latest))),
      before && h("p", { class: "facts" }, h("span", {}, "Before it: ", h("a", { href: href(before) }, `${before.headline.symbol} ${before.headline.word}`)), h("span", {}, ui.when(before.started))));
  }

  function trends(runs) {
    const over = runs.filter((run) => !run.active && run.planned).slice(0, TREND).reverse();
    if (over.length < 2) return null;
    const green = over.filter((run) => run.headline.tone === "good").length;
    const bars = over.map((run, place) => {
      const bad = share(run) < 1 ? Math.max(48 * (1 - share(run)), 5) : 0;
      const name = `${run.id}: ${run.headline.word}, ${(100 * share(run)).toFixed(1)} % green`;
      return svg("a", { href: href(run), "aria-label": name }, svg("title", {}, name), svg("rect", { class: "touch", x: place * 12, y: 0, width: 12, height: 48 }),
        bad > 0 && svg("rect", { class: "failed", x: place * 12, y: 0, width: 9, height: bad - 1, rx: 1.5 }),
        bad < 48 && svg("rect", { class: "passed", x: place * 12, y: bad, width: 9, height: 48 - bad, rx: 1.5 }));
    });
    return h("section", { "aria-labelledby": "trend-title" },
      h("h2", { id: "trend-title" }, "Trend ", h("small", {}, `${green} of the last ${over.length} finished runs passed`)),
      h("div", { class: "card trends" },
        svg("svg", { class: "trend", viewBox: `0 0 ${over.length * 12} 48`, width: over.length * 12, height: 48, role: "group", "aria-label": "Share of green jobs, oldest run first" }, bars),
        h("div", { class: "lines" },
          ui.line("Pass rate", over.map((run) => 100 * share(run)), (value) => `${value.toFixed(1)} %`, 100),
          ui.line("Duration", over.map((run) => run.duration_s), ui.span),
          ui.line("Flaky", over.map((run) => run.counts.flaky ?? 0), (value) => String(value)),
          ui.line("Cost", over.map((run) => run.cost_usd), ui.usd))));
  }

  const COLUMNS = ["planned", "passed", "flaky", "failed", "error", "lost", "skipped", "not_started"];
  function line(run) {
    const headline = ui.headline(run);
    const number = (name) => (name === "planned" ? run.planned : (run.counts[name] ?? 0));
    return h("tr", {},
      h("td", {}, h("a", { class: `chip open ${headline.tone}`, href: href(run) }, h("b", { "aria-hidden": "true" }, headline.symbol), ` ${headline.word}`)),
      h("th", { scope: "row" }, h("a", { href: href(run) }, ui.own(run.id, "id")), h("span", { class: "muted" }, ui.own(run.url), (run.branch || run.commit) && [" · ", ui.source(run)])),
      h("td", { class: "when" }, ui.when(run.started)), h("td", { class: "when", "data-label": "took" }, ui.span(run.duration_s)),
      COLUMNS.map((name) => h("td", { class: `n ${number(name) ? name : "zero"}`, "data-label": name === "planned" ? name : ui.legend[name].word }, ui.number(number(name)))));
  }

  function table(runs) {
    const body = h("tbody");
    const end = h("div", { class: "end" });
    let drawn = 0;
    function more() {
      body.append(...runs.slice(drawn, drawn + CHUNK).map(line));
      drawn += CHUNK;
      end.replaceChildren(...(drawn < runs.length ? [h("button", { type: "button", class: "quiet", onclick: more }, `${ui.number(runs.length - drawn)} more`)] : []));
    }
    more();
    const heads = ["Verdict", "Run", "Started", "Took", ...COLUMNS.map((name) => (name === "planned" ? name : ui.legend[name].word))];
    return h("section", { "aria-labelledby": "runs-title" }, h("h2", { id: "runs-title" }, "All runs ", h("small", {}, ui.number(runs.length))),
      h("div", { class: "card scroll", tabindex: "0", role: "region", "aria-labelledby": "runs-title" }, h("table", { class: "runs" },
        h("thead", {}, h("tr", {}, heads.map((word, place) => h("th", { scope: "col", class: place > 3 ? "n" : null }, word)))), body)), end);
  }

  function branches(chosen) {
    const names = [...new Set(view.runs.map((run) => run.branch).filter(Boolean))];
    if (names.length < 2) return null;
    const select = h("select", { id: "branch" }, h("option", { value: "" }, "All branches"), names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
    select.addEventListener("change", () => {
      location.hash = ui.address({ branch: select.value });
    });
    return h("p", { class: "branches" }, h("label", { for: "branch" }, "Branch "), select);
  }

  function draw() {
    const branch = ui.state().get("branch");
    const runs = branch ? view.runs.filter((run) => run.branch === branch) : view.runs;
    told = runs.map((run) => ui.isStale(run)).join();
    const [latest] = runs;
    document.title = `${latest ? ui.headline(latest).word : "No runs"} · uitest`;
    if (!latest) {
      main.replaceChildren(...[branches(branch), h("section", { class: "empty" }, h("img", { src: `${ui.root}assets/logo.svg`, alt: "", width: 72, height: 72 }),
        h("h1", {}, branch ? "No runs of this branch" : "No runs yet"), h("p", {}, "Start one:"), h("pre", {}, "uitest run --url https://example.com"))].filter(Boolean));
      return;
    }
    const before = latest.active ? runs.find((run) => !run.active) : null;
    main.replaceChildren(...[branches(branch), hero(latest, before), trends(runs), table(runs)].filter(Boolean));
  }

  addEventListener("hashchange", draw);
  ui.keyboard({
    "/": { what: "choose a branch", act: () => document.getElementById("branch")?.focus() },
    j: { what: "next run", act: () => ui.step("a.open", 1) },
    k: { what: "previous run", act: () => ui.step("a.open", -1) },
    Enter: { what: "open the run", act: () => false },
    Esc: { what: "all branches", act: () => { location.hash = ui.address({ branch: null }); } },
  });
  draw();
  ui.live(() => view.runs.some((run) => run.active), async (ask) => {
    const found = await ask("home.json");
    const changed = found !== null && JSON.stringify(found.runs) !== JSON.stringify(view.runs);
    if (changed) {
      const focus = document.activeElement?.getAttribute("href");
      view = found;
      draw();
      [...main.querySelectorAll("a.open")].find((one) => focus && one.getAttribute("href") === focus)?.focus({ preventScroll: true });
    }
    return [found?.now, changed, view.runs.some((run) => run.active)];
  }, () => {
    if (told !== (ui.state().get("branch") ? view.runs.filter((run) => run.branch === ui.state().get("branch")) : view.runs).map((run) => ui.isStale(run)).join()) draw();
  });
})();
