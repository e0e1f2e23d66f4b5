// The view of a job: its attempts side by side, their artifacts, its history in every browser, and how to repeat it by hand.
"use strict";
(() => {
  const { h } = ui;
  const known = new Map();
  const waiting = new Map(); // the functions to call when a job's detail has come, by its run and key
  const inside = document.getElementById("details");
  // An exported page (one file) contains the details.
  ui.embedded = inside ? JSON.parse(inside.textContent) : null;

  function received(name, detail) {
    known.set(name, detail);
    const all = waiting.get(name) ?? [];
    waiting.delete(name);
    for (const done of all) done();
  }
  // Called by the detail files: they are scripts, since a page opened from a folder cannot fetch JSON.
  ui.detail = (key, detail) => received(`${document.currentScript.dataset.run} ${key}`, detail);
  // Fetches a job's detail if it has one, then calls `done`; `version` changes with the attempts.
  function fetchDetail(job, name, folder, done) {
    const version = `${job.a?.length ?? 0}${job.o}`;
    if (!job.d || known.get(`${name} version`) === version) {
      if (waiting.has(name)) waiting.get(name).add(done);
      return;
    }
    known.set(`${name} version`, version);
    if (ui.embedded) {
      known.set(name, ui.embedded[job.k] ?? {});
      return;
    }
    waiting.set(name, (waiting.get(name) ?? new Set()).add(done));
    const script = h("script", { src: `${folder ? `${ui.root}${folder}/` : ""}jobs/${encodeURIComponent(job.k)}.js?${version}`, "data-run": folder ?? "this" });
    script.addEventListener("error", () => received(name, { failed: true }));
    script.addEventListener("load", () => script.remove());
    document.head.append(script);
  }

  // The details of a job's attempts by number; undefined until they have been loaded, then `done` is called.
  // `folder` is that of another run, whose job it is.
  ui.detailOf = (job, done, folder = null) => {
    const name = `${folder ?? "this"} ${job.k}`;
    fetchDetail(job, name, folder, done);
    return known.get(name);
  };
  ui.traceFile = (told) => told?.files.find((one) => one.kind === "trace");
  ui.download = (one, ...said) => one.href && h("a", { href: one.href, rel: "noopener noreferrer", download: one.name }, said);

  // pytest separates frames by a line of dashes, marks the failing line with `>` and the lines of its message with `E`.
  const FRAMES = /\n(?:_ ){10,}_?\s*\n/;
  const PLACE = /^(\S.*?):\d+: ?\S*$/;
  const DRIVERS_STACK = /^E\s+(?:#\d+ 0x|Stacktrace:|\S+@chrome:\/\/)/;
  const kind = (line) => (line.startsWith(">") ? "here" : /^E\s+- /.test(line) ? "expected" : /^E\s+\+ /.test(line) ? "received" : /^E\s/.test(line) ? "says" : null);
  const code = (lines) => h("pre", { class: "detail", tabindex: "0", "aria-label": "Error with source lines" }, lines.map((line) => h("span", { class: kind(line) }, `${line}\n`)));
  // Frames of other packages have absolute paths, as pytest shows its own folder's as relative ones.
  function frame(text) {
    const lines = text.replace(/^\n+|\n+$/g, "").split("\n").filter((line) => !DRIVERS_STACK.test(line));
    const place = lines.findLast((line) => PLACE.test(line));
    const path = place && PLACE.exec(place)[1];
    if (!path || !/^\/|^[A-Z]:|^\.\.\//.test(path)) return code(lines);
    const said = lines.filter((line) => /^E\s/.test(line));
    return [h("details", { class: "frame" }, h("summary", {}, "in ", ui.own(place.replace(/^.*(?:site|dist)-packages\//, ""), "id")), code(lines)), said.length > 0 && code(said)];
  }
  const trace = (text) => h("div", { class: "frames" }, text.split(FRAMES).map(frame));

  function file(one, number) {
    if (one.kind === "image") {
      const image = h("img", { src: one.data ?? one.href, alt: `${one.name}, attempt ${number}`, loading: "lazy" });
      return one.data ? h("p", { class: "shot" }, image) : h("a", { class: "shot", href: one.href }, image);
    }
    const link = one.href && h("a", { href: one.href, rel: "noopener noreferrer", download: one.kind === "other" ? one.name : null }, ui.own(one.name));
    if (one.kind !== "text") return h("p", { class: "file" }, link);
    const viewer = h("details", { class: "file" }, h("summary", {}, ui.own(one.name)));
    viewer.addEventListener("toggle", () => {
      if (!viewer.open || viewer.childElementCount > 1) return;
      // Source of an untrusted page: shown as text, in a sandboxed frame.
      const shown = "text" in one ? h("pre", { tabindex: "0" }, one.text)
        : h("iframe", { src: one.href, sandbox: true, title: `${one.name}, attempt ${number}`, loading: "lazy", referrerpolicy: "no-referrer" });
      viewer.append(shown, link ? h("p", { class: "muted" }, link) : "");
    });
    if (/console|network/.test(one.name)) viewer.open = true;
    return viewer;
  }

  function attempt([number, verdict, at, took, owner, layer, version, browser, test], view, detail, chosen) {
    const told = detail?.[number];
    const recorded = ui.traceFile(told);
    const parts = browser + test > 0 ? ` (browser ${ui.span(browser)}, test ${ui.span(test)})` : "";
    return h("article", { class: `try ${verdict}${chosen ? " chosen" : ""}`, id: `a${number}`, "aria-label": `Attempt ${number}` },
      h("h3", {}, h("a", { href: ui.address({ a: String(number) }) }, `Attempt ${number}`), " ", ui.chip(verdict), layer ? h("small", {}, `rerun ${layer}`) : null),
      h("p", { class: "facts" }, h("span", {}, ui.when(view.started + at)), h("span", {}, `${ui.span(took)}${parts}`),
        view.versions[version] && h("span", {}, ui.own(view.versions[version])), view.owners[owner] && h("span", {}, "worker ", ui.own(view.owners[owner], "id"))),
      told?.error && h("p", { class: "error whole", dir: "auto" }, told.error),
      told?.url && h("p", { class: "facts" }, h("span", {}, "at ", ui.own(told.url, "id"))),
      told?.warnings.map((warning) => h("p", { class: "notice", dir: "auto" }, warning)),
      recorded && h("p", { class: "to-trace" }, h("a", { class: "go", href: ui.address({ a: String(number), step: "end" }) }, h("b", { "aria-hidden": "true" }, "▶"), " Trace"),
        h("span", { class: "muted" }, "every command, step by step"), ui.download(recorded, "download")),
      told?.files.filter((one) => one.kind === "image").map((one) => file(one, number)),
      told?.detail && trace(told.detail),
      told?.files.filter((one) => one.kind !== "image" && one !== recorded).map((one) => file(one, number)));
  }

  function pastOf(job, view) {
    const others = view.jobs.filter((one) => one.m === job.m && one.c === job.c);
    const lines = others.map((one) => {
      const hrefs = view.past.map((run) => ({ id: run.id, href: `${ui.root}${run.folder}/index.html#job=${encodeURIComponent(one.k)}` }));
      const strip = ui.embedded ? ui.strip(one.h) : ui.strip(one.h, hrefs);
      return h("tr", {}, h("th", { scope: "row" }, view.browsers[one.b]),
        h("td", {}, strip ?? h("span", { class: "muted" }, "none yet")),
        h("td", {}, one === job ? ui.chip(one.o) : ui.chip(one.o, ui.address({ job: one.k, a: null }))),
        h("td", {}, ui.span(ui.took(one))), h("td", { class: "muted" }, one.u ? `median ${ui.span(one.u)}` : ""));
    });
    return h("section", { "aria-labelledby": "past-title" }, h("h2", { id: "past-title" }, "In each browser ", h("small", {}, "earlier runs, then this one")),
      h("div", { class: "card scroll" }, h("table", { class: "past" }, h("thead", { class: "unseen" }, h("tr", {}, ["Browser", "Earlier", "Now", "Took", "Usually"].map((word) => h("th", { scope: "col" }, word)))), h("tbody", {}, lines))), record(job, view));
  }
  // How often it was flaky or red in the runs of the base, else in earlier ones, and why it was last.
  function record({ z }, view) {
    if (!z) return null;
    const where = view.base ? ["On ", ui.own(view.base.branch, "id"), ": "] : "In earlier runs: ";
    const last = z.last && [". Last red in run ", ui.own(z.last[0], "id"), z.last[1] && [": ", h("span", { class: "error", dir: "auto" }, z.last[1])]];
    return h("p", { class: "record" }, where, `flaky in ${z.flaky} of ${ui.counted(z.of, "run")} (${Math.round((100 * z.flaky) / z.of)} %), red in ${z.red}`, last);
  }

  // A line breaks between words, never within `--browser`.
  const unbroken = (line) => line.split(" ").map((word, place) => [place > 0 && " ", h("span", {}, word)]);

  function commands(job, view) {
    const [first, second] = view.commands.case;
    const [before, after] = view.commands.module;
    const browser = view.browsers[job.b];
    const lines = [
      ["This case alone", `${first}${view.words[job.c] ?? job.c}${second}${browser}`],
      ["Its module, as the run did", `${before}${browser}${after}${view.modules[job.m].word}`],
    ];
    return h("section", { "aria-labelledby": "again-title" }, h("h2", { id: "again-title" }, "Reproduce"),
      lines.map(([told, line]) => h("div", { class: "command" }, h("p", { class: "muted" }, told), h("pre", { tabindex: "0" }, unbroken(line)), ui.copy(() => line))));
  }

  // The view of a job; `redraw` is called when its details have been loaded.
  ui.case = (job, view, chosen, around, redraw) => {
    const detail = ui.detailOf(job, redraw);
    const attempts = job.a ?? [];
    const traced = tracedOf(job, detail);
    const running = job.r && h("article", { class: "try running" }, h("h3", {}, `Attempt ${job.r[0]} `, ui.chip("running")),
      h("p", { class: "facts" }, h("span", {}, "since ", ui.when(view.started + job.r[1])), view.owners[job.r[2]] && h("span", {}, "worker ", ui.own(view.owners[job.r[2]], "id"))));
    return [
      h("section", { class: "hero case" },
        h("p", { class: "walk" }, h("a", { href: ui.address({ job: null, a: null }) }, "‹ Run"),
          around.before && h("a", { href: ui.address({ job: around.before.k, a: null }), rel: "prev" }, "Previous"),
          around.after && h("a", { href: ui.address({ job: around.after.k, a: null }), rel: "next" }, "Next"),
          h("span", { class: "muted" }, `${ui.number(around.place)} of ${ui.number(around.all)}`)),
        h("p", { class: "muted" }, ui.own(view.modules[job.m].name), ` · ${view.browsers[job.b]}`),
        h("h1", { class: job.c.length > 60 ? "long" : null }, ui.own(job.c)),
        h("p", {}, ui.chip(job.o), " ", h("span", { class: "muted" }, attempts.length ? ui.counted(attempts.length, "attempt") : job.r ? "Its first attempt is under way." : "This job has not run yet.")),
        ui.sameAs(job, view) && h("p", { class: "muted" }, ui.sameAs(job, view)),
        job.q && h("p", { class: "notice", dir: "auto" }, job.o === "quarantined" && "Quarantined ", ui.quarantined(job))),
      detail?.failed && h("p", { class: "notice" }, "What its attempts left could not be read."),
      traced.length > 1 && h("p", { class: "to-trace" }, h("a", { class: "quiet", href: against(traced.at(-1), traced[0]) }, `Compare attempts ${traced[0]} and ${traced.at(-1)}, step by step`)),
      h("section", { class: "tries", "aria-label": "Attempts" }, [...attempts.map((one) => attempt(one, view, detail, String(one[0]) === chosen)), running]),
      pastOf(job, view), commands(job, view),
    ];
  };

  const tracedOf = (job, detail) => (job.a ?? []).map(([number]) => String(number)).filter((number) => ui.traceFile(detail?.[number]));
  // The address of two attempts beside each other, step by step.
  const against = (number, other) => ui.address({ ...ui.NO_TRACE, a: number, step: "end", with: other });

  // The trace of attempt `chosen`, or of the last attempt that has one, or two attempts beside each other; `redraw` is
  // called when what is missing has been loaded.
  ui.caseTrace = (job, view, chosen, redraw) => {
    const detail = ui.detailOf(job, redraw);
    const traced = tracedOf(job, detail);
    const number = chosen ?? traced.at(-1);
    const other = ui.state().get("with");
    const file = ui.traceFile(detail?.[number]);
    const parts = ui.traceParts(redraw);
    const recording = (one) => {
      const recorded = ui.traceFile(detail?.[one]);
      return recorded ? ui.recordingOf(recorded, redraw) : { why: "This attempt has none: it was recorded without, or its files are gone." };
    };
    const found = (one) => (!detail && job.d ? null : parts?.here ? recording(one) : parts);
    const verdictOf = (one) => job.a?.find(([attempt]) => String(attempt) === one)?.[1];
    const verdict = verdictOf(number);
    const head = [
      h("p", { class: "walk" }, h("a", { href: ui.address({ ...ui.NO_TRACE, a: number }) }, "‹ Case"),
        traced.map((one) => h("a", { href: ui.address({ ...ui.NO_TRACE, a: one, step: "end" }), "aria-current": one === number && !other ? "page" : null }, `Attempt ${one}`)),
        traced.filter((one) => one !== number).map((one) => h("a", { href: against(number, one), "aria-current": one === other ? "page" : null }, `Against attempt ${one}`))),
      h("h1", {}, ui.own(job.c)), !other && verdict && ui.chip(verdict),
      h("p", { class: "muted" }, ui.own(view.modules[job.m].name), ` · ${view.browsers[job.b]}`),
    ];
    if (other) {
      const sides = [number, other].sort((one, two) => one - two).map((one) => ({ number: one, verdict: verdictOf(one), found: found(one) }));
      const missing = sides.find((side) => !side.found?.recording);
      if (missing) return ui.traceView(`${job.k} ${number} ${other}`, missing.found, head);
      ui.traceLeave();
      return ui.traceVersus(`${job.k} ${number} ${other}`, head, sides.map((side) => ({
        ...side, recording: side.found.recording, href: (n) => ui.address({ ...ui.NO_TRACE, a: side.number, step: String(n + 1) }),
      })));
    }
    return ui.traceView(`${job.k} ${number}`, found(number), head, file && ui.download(file, "Download the trace"));
  };
})();
