// The home page: each suite on its default branch, other branches, the trends, every run.
"use strict";
(() => {
  const { h, svg } = ui;
  const main = document.getElementById("main");
  const CHUNK = 100;
  const TREND = 40;
  const GREEN = ["passed", "flaky", "skipped", "quarantined"];
  let view = ui.data;
  let told = "";
  const href = (run) => `${run.folder}/index.html`;
  const share = (run) => GREEN.reduce((sum, name) => sum + (run.counts[name] ?? 0), 0) / Math.max(run.planned, 1);

  const isGood = (run) => ui.headline(run).tone === "good";

  function hero(latest, before) {
    return h("section", { class: "hero" },
      ui.verdict(ui.headline(latest)),
      ui.bar(latest.counts, latest.planned),
      h("p", { class: "facts" },
        h("span", {}, "Latest run ", latest.branch && [" of ", ui.own(latest.branch, "id"), " "], h("a", { href: href(latest) }, ui.own(latest.id, "id"))), h("span", {}, ui.when(latest.started)),
        h("span", {}, ui.span(latest.duration_s)), latest.cost_usd !== null && h("span", {}, `about ${ui.usd(latest.cost_usd)}`),
        h("span", {}, ui.tested(latest)), latest.commit && h("span", {}, "at ", ui.commit(latest))),
      before && h("p", { class: "facts" }, h("span", {}, "Before it: ", h("a", { href: href(before) }, `${before.headline.symbol} ${before.headline.word}`)), h("span", {}, ui.when(before.started))));
  }

  // Verdict of a run as a link to it.
  const chip = (run) => {
    const { tone, symbol, word } = ui.headline(run);
    return h("a", { class: `chip open ${tone}`, href: href(run) }, h("b", { "aria-hidden": "true" }, symbol), ` ${word}`);
  };

  // The finished runs since the last green one; the oldest of them began it.
  function redSince(runs) {
    const finished = runs.filter((run) => !run.active && run.planned);
    const green = finished.findIndex(isGood);
    const red = green < 0 ? finished : finished.slice(0, green);
    const first = red.at(-1);
    return red.length > 1 && h("span", { class: "muted" }, "red since ", h("a", { href: href(first) }, first.commit ? ui.commit(first) : ui.own(first.id, "id")), ", ", ui.when(first.started));
  }

  // Several suites: a line for each, so that no run of one hides the verdict of another.
  const TONES = ["bad", "warn", "live", "idle", "good"];
  function overview(lines) {
    const worst = [...lines].sort((one, other) => TONES.indexOf(ui.headline(one.latest).tone) - TONES.indexOf(ui.headline(other.latest).tone))[0].latest;
    const good = lines.filter(({ latest }) => isGood(latest)).length;
    const { word, tone, symbol } = ui.headline(worst);
    return h("section", { class: "hero" },
      ui.verdict({ word, tone, symbol, detail: `${good} of ${ui.counted(lines.length, "suite")} passed` }),
      h("ul", { class: "suites" }, lines.map(({ latest, name, runs }) => h("li", {},
        chip(latest), h("a", { class: "title", href: ui.address({ suite: name }) }, ui.own(name)),
        h("span", { class: "muted" }, latest.branch ? ui.source(latest) : ui.own(latest.id, "id"), ", ", ui.when(latest.started)),
        !isGood(latest) && redSince(runs), h("span", { class: "muted" }, latest.headline.detail), bars(runs)))));
  }

  // A card for each suite of each protected branch but the default one, whose verdict is above.
  function guarded(runs, suites) {
    const cards = (view.protected ?? []).filter((name) => name !== view.branch).flatMap((name) => suites.map((suite, place) => {
      const own = runs.filter((run) => run.branch === name && (run.suite ?? 0) === place);
      return own.length > 0 && { name, suite, own, latest: own[0] };
    })).filter(Boolean);
    if (!cards.length) return null;
    return h("section", { "aria-labelledby": "protected-title" }, h("h2", { id: "protected-title" }, "Protected branches"),
      h("ul", { class: "guarded" }, cards.map(({ name, suite, own, latest }) => h("li", { class: "card" },
        chip(latest), h("a", { class: "title", href: ui.address({ branch: name, suite: suites.length > 1 ? suite : null }) }, ui.own(name)),
        suites.length > 1 && h("span", { class: "muted" }, ui.own(suite)),
        h("span", { class: "muted" }, latest.commit && [ui.commit(latest), ", "], ui.when(latest.started)),
        !isGood(latest) && redSince(own), h("span", { class: "muted" }, latest.headline.detail), bars(own)))));
  }

  // The newest run of each other branch.
  const FEW = 5;
  let wanted = "";
  function others(runs, main, known) {
    const newest = new Map();
    for (const run of runs) if (run.branch && run.branch !== main && !known.includes(run.branch) && !newest.has(run.branch)) newest.set(run.branch, run);
    if (!newest.size || !main) return null;
    const list = h("ul", { class: "suites" });
    const end = h("div", { class: "end" });
    function show(most) {
      const found = [...newest.values()].filter((run) => run.branch.toLowerCase().includes(wanted.toLowerCase()));
      list.replaceChildren(...found.slice(0, most).map((run) => h("li", {},
        chip(run), h("a", { class: "title", href: ui.address({ branch: run.branch }) }, ui.own(run.branch)),
        h("span", { class: "muted" }, run.commit && [ui.commit(run), ", "], ui.when(run.started)),
        h("span", { class: "muted" }, Object.entries(run.groups ?? {}).map(([title, number]) => `${ui.number(number)} ${title.toLowerCase()}`).join(", ") || run.headline.detail))));
      if (!found.length) list.append(h("li", { class: "muted" }, "No branch has this in its name."));
      const left = found.length - most;
      end.replaceChildren(...(left > 0 ? [h("button", { type: "button", class: "quiet", onclick: () => show(Infinity) }, `${ui.number(left)} more`)] : []));
    }
    const input = newest.size > FEW && h("input", { type: "search", id: "find-branch", placeholder: "Find a branch", "aria-label": "Find a branch", autocomplete: "off", value: wanted });
    if (input) {
      input.addEventListener("input", () => {
        wanted = input.value;
        show(FEW);
      });
    }
    show(FEW);
    return h("section", { "aria-labelledby": "others-title" }, h("h2", { id: "others-title" }, "Other branches ", h("small", {}, ui.number(newest.size))),
      h("div", { class: "card others" }, input, list, end));
  }

  // A bar for each of the last finished runs, oldest first.
  const lastOf = (runs) => runs.filter((run) => !run.active && run.planned).slice(0, TREND).reverse();
  function bars(runs) {
    const over = lastOf(runs);
    if (over.length < 2) return null;
    const parts = over.map((run, place) => {
      const bad = share(run) < 1 ? Math.max(48 * (1 - share(run)), 5) : 0;
      const name = `${run.id}: ${run.headline.word}, ${(100 * share(run)).toFixed(1)} % green`;
      return svg("a", { href: href(run), "aria-label": name }, svg("title", {}, name), svg("rect", { class: "touch", x: place * 12, y: 0, width: 12, height: 48 }),
        bad > 0 && svg("rect", { class: "failed", x: place * 12, y: 0, width: 9, height: bad - 1, rx: 1.5 }),
        bad < 48 && svg("rect", { class: "passed", x: place * 12, y: bad, width: 9, height: 48 - bad, rx: 1.5 }));
    });
    return svg("svg", { class: "trend", viewBox: `0 0 ${over.length * 12} 48`, width: over.length * 12, height: 48, role: "group", "aria-label": "Share of green jobs, oldest run first" }, parts);
  }

  function trends(runs, branch) {
    const over = lastOf(runs);
    if (over.length < 2) return null;
    const green = over.filter((run) => run.headline.tone === "good").length;
    return h("section", { "aria-labelledby": "trend-title" },
      h("h2", { id: "trend-title" }, "Trend ", h("small", {}, branch && ["of ", ui.own(branch, "id"), ": "], `${green} of the last ${over.length} finished runs passed`)),
      h("div", { class: "card trends" },
        bars(runs),
        h("div", { class: "lines" },
          ui.line("Pass rate", over.map((run) => 100 * share(run)), (value) => `${value.toFixed(1)} %`, 100),
          ui.line("Duration", over.map((run) => run.duration_s), ui.span),
          ui.line("Flaky", over.map((run) => run.counts.flaky ?? 0), (value) => String(value)),
          ui.line("Cost", over.map((run) => run.cost_usd), ui.usd))));
  }

  const COLUMNS = ["planned", "passed", "flaky", "failed", "error", "lost", "skipped", "quarantined", "not_started"];
  // Columns that few sites need are there only where they say something.
  const columns = () => COLUMNS.filter((name) => name !== "quarantined" || view.runs.some((run) => run.counts[name]));
  function line(run) {
    const number = (name) => (name === "planned" ? run.planned : (run.counts[name] ?? 0));
    return h("tr", {},
      h("td", {}, chip(run)),
      h("th", { scope: "row" }, h("a", { href: href(run) }, ui.own(run.id, "id")), h("span", { class: "muted" }, ui.own(run.url), (run.branch || run.commit) && [" · ", ui.source(run)])),
      h("td", { class: "when" }, ui.when(run.started)), h("td", { class: "when", "data-label": "took" }, ui.span(run.duration_s)),
      columns().map((name) => h("td", { class: `n ${number(name) ? name : "zero"}`, "data-label": name === "planned" ? name : ui.legend[name].word }, ui.number(number(name)))));
  }

  function table(runs) {
    const body = h("tbody");
    const end = ui.inPortions(body, runs, CHUNK, line);
    const heads = ["Verdict", "Run", "Started", "Took", ...columns().map((name) => (name === "planned" ? name : ui.legend[name].word))];
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

  const stale = () => view.runs.map((run) => ui.isStale(run)).join();

  function draw() {
    const branch = ui.state().get("branch");
    const suite = ui.state().get("suite");
    const suites = view.suites ?? [""];
    const runs = view.runs.filter((run) => (!branch || run.branch === branch) && (!suite || suites[run.suite] === suite));
    told = stale();
    // For each suite its runs of the chosen branch, of the default branch, or else of any.
    const lines = suites.map((name, place) => {
      const own = runs.filter((run) => (run.suite ?? 0) === place);
      const main = own.filter((run) => run.branch === (branch || view.branch));
      return { name, place, runs: main.length ? main : own, latest: (main.length ? main : own)[0] };
    }).filter((one) => one.latest);
    const [{ latest } = {}] = lines;
    const asked = ui.state().get("error");
    const error = ui.errorOf(view, asked);
    if (error) {
      document.title = `${error.text} · uitest`;
      main.replaceChildren(...ui.errorView(error, view));
      return;
    }
    document.title = `${latest ? ui.headline(latest).word : "No runs"} · uitest`;
    if (!latest) {
      main.replaceChildren(...[branches(branch), h("section", { class: "empty" }, h("img", { src: `${ui.root}assets/logo.svg`, alt: "", width: 72, height: 72 }),
        h("h1", {}, branch || suite ? "No such runs" : "No runs yet"), h("p", {}, "Start one:"), h("pre", {}, "uitest run --url https://example.com"))].filter(Boolean));
      return;
    }
    const only = lines.length === 1 && lines[0].runs;
    const before = only && latest.active ? only.find((run) => !run.active) : null;
    const all = suite && h("p", { class: "branches" }, "Suite ", ui.own(suite, "title"), h("a", { href: ui.address({ suite: null }) }, "All suites"));
    const gone = asked && h("p", { class: "notice", role: "status" }, "No other finished run among the newest has this error.");
    main.replaceChildren(...[gone, branches(branch), all, only ? hero(latest, before) : overview(lines), only && trends(only, latest.branch), only ? latest.branch === view.branch && ui.recurring(view.found?.[lines[0].place], view, latest) : ui.recurringEach(lines, view),
      !branch && guarded(runs, suites), !branch && others(runs, view.branch, view.protected ?? []), table(runs)].filter(Boolean));
  }

  addEventListener("hashchange", draw);
  ui.keyboard({
    "/": { what: "choose a branch", act: () => document.getElementById("branch")?.focus() },
    j: { what: "next run", act: () => ui.step("a.open", 1) },
    k: { what: "previous run", act: () => ui.step("a.open", -1) },
    Enter: { what: "open the run", act: () => false },
    Esc: { what: "back from an error; all branches and suites", act: () => { location.hash = ui.address(ui.state().has("error") ? { error: null } : { branch: null, suite: null }); } },
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
    if (told !== stale()) draw();
  });
})();
