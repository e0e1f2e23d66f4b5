// The language of the filter: `s:failed b:firefox m:shop -tag:slow some text`.
"use strict";
(() => {
  // The fields that a term may name, and the part of a job that each is compared with.
  const FIELDS = {
    s: (job) => [job.word, job.n && "new"],
    b: (job) => [job.browser],
    m: (job) => [job.module],
    c: (job) => [job.c.toLowerCase()],
    tag: (job) => job.tags,
    e: (job) => [job.error],
    g: (job) => [job.g],
  };
  const LONG = { status: "s", outcome: "s", browser: "b", module: "m", case: "c", error: "e", group: "g" };
  // Outcomes and tags match from their beginning; names and texts match anywhere.
  const WHOLE = new Set(["s", "b", "tag", "g"]);

  // A quoted part may hold spaces: `m:"two words"`.
  ui.parse = (text) => (text.match(/-?(?:[a-z]+:)?(?:"[^"]*"?|[^\s"]+)/gi) || []).map((token) => {
    const not = token.startsWith("-") && token.length > 1;
    const rest = not ? token.slice(1) : token;
    const [, name, value] = /^(?:([a-z]+):)?(.*)$/is.exec(rest);
    const field = name && (LONG[name.toLowerCase()] ?? name.toLowerCase());
    if (field && field in FIELDS) return { not, field, value: value.replaceAll('"', "").toLowerCase() };
    return { not, field: null, value: rest.replaceAll('"', "").toLowerCase() };
  }).filter((token) => token.value);

  // The name before a colon that is no field, as in `is:failed`; an address or a word with `::` is plain text.
  const unknownField = (text) => (text.match(/(?:^|\s)-?([a-z]+):(?=[^:/\s])/gi) || [])
    .map((found) => found.trim().replace(/^-|:$/g, "").toLowerCase()).find((name) => !((LONG[name] ?? name) in FIELDS));

  function holds(token, job) {
    if (token.field === null) return job.text.includes(token.value);
    const values = token.value.split(",");
    return FIELDS[token.field](job).some((own) => own && values.some((value) =>
      value && (WHOLE.has(token.field) ? own.startsWith(value) : own.includes(value))));
  }
  // A job passes if every token holds of it.
  ui.matcher = (text) => {
    const tokens = ui.parse(text);
    return (job) => tokens.every((token) => holds(token, job) !== token.not);
  };
  // `text` with the token `s:outcome` added, or removed if it is there.
  ui.toggled = (text, token) => {
    const words = text.split(/\s+/).filter(Boolean);
    const rest = words.filter((word) => word !== token);
    const field = token.slice(0, token.indexOf(":") + 1);
    return (rest.length < words.length ? rest : [...rest.filter((word) => !word.startsWith(field)), token]).join(" ");
  };

  // What the filter and the lists read of each job, in lower case, sorted and counted; made once.
  ui.readable = (view) => {
    for (const module of view.modules) module.counts = {};
    for (const job of view.jobs) {
      const module = view.modules[job.m];
      module.counts[job.o] = (module.counts[job.o] ?? 0) + 1;
      job.module = module.name.toLowerCase();
      job.browser = view.browsers[job.b].toLowerCase();
      job.tags = module.tags.map((tag) => tag.toLowerCase());
      job.word = ui.legend[job.o].word.replace(" ", "-");
      job.error = (job.x || "").toLowerCase();
      job.text = `${job.module} ${job.c.toLowerCase()} ${job.error}`;
    }
    // A case that ran into its time limit says how long the limit is, not how slow the case.
    view.slowest = view.jobs.filter((job) => ui.took(job) !== null && !/timed out after/.test(job.x ?? "")).sort((one, other) => ui.took(other) - ui.took(one));
    return view;
  };

  // The input field, with a button for each outcome that occurs.
  ui.filterField = (outcomes, changed) => {
    const input = ui.h("input", {
      type: "search", id: "filter", placeholder: "Filter, for example s:failed b:firefox -tag:slow",
      "aria-label": "Filter cases", "aria-describedby": "found", autocomplete: "off", spellcheck: "false",
    });
    const buttons = outcomes.map((name) => {
      const { symbol, word } = ui.legend[name];
      const token = `s:${word.replace(" ", "-")}`;
      return ui.h("button", {
        type: "button", class: `chip ${name}`, "data-token": token, "aria-pressed": "false",
        onclick: () => take(ui.toggled(input.value, token)),
      }, ui.h("b", { "aria-hidden": "true" }, symbol), ` ${word}`);
    });
    const found = ui.h("p", { id: "found", role: "status", class: "muted" });
    function show(text, number = null) {
      if (input.value !== text) input.value = text;
      const words = text.split(/\s+/);
      for (const button of buttons) button.setAttribute("aria-pressed", String(words.includes(button.dataset.token)));
      const stranger = number === 0 && unknownField(text);
      const hint = stranger ? `; “${stranger}:” is no field: use ${Object.entries(LONG).map(([long, short]) => `${short}: (${long})`).join(", ")} or tag:` : "";
      found.textContent = text.trim() && number !== null ? `${ui.counted(number, "job")}${hint}` : "";
    }
    function take(text) {
      show(text);
      changed(text);
    }
    input.addEventListener("input", () => take(input.value));
    return { element: ui.h("div", { class: "tools", role: "search" }, input, ui.h("div", { role: "group", "aria-label": "Outcomes" }, buttons), found), input, show };
  };
})();
