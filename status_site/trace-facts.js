// Details of a step: its fields, the console, the requests, and the lines of the case that sent it.
"use strict";
(() => {
  const { h } = ui;
  const empty = (said) => h("p", { class: "muted none" }, said);
  const offset = (seconds) => `${seconds.toFixed(2)} s`;

  // A failure's text. pytest marks a difference with lines that start with "-" (expected) and "+" (received); where it
  // only names two values, they are set below each other in the same way.
  // Its lines, each with its kind, for the page and for a prompt.
  ui.failureLines = (text) => {
    const lines = text.split("\n");
    const marked = lines.some((line) => /^\s*[-+] /.test(line));
    const values = /^(?:AssertionError: )?assert (.+) == (.+)$/.exec(lines.find((line) => /^(?:AssertionError: )?assert /.test(line)) ?? "");
    const shown = values && !marked ? [...lines, `- ${values[2]}`, `+ ${values[1]}`] : lines;
    const kind = (line) => (/^\s*- /.test(line) ? "expected" : /^\s*\+ /.test(line) ? "received" : null);
    const compared = values && shown.some(kind);
    return shown.map((line) => ({ text: line, kind: compared ? kind(line) : null }));
  };
  function failure(text) {
    const lines = ui.failureLines(text);
    return h("div", { class: "failure" },
      h("pre", { tabindex: "0", dir: "auto", "aria-label": "Why it failed" }, lines.map((line) => h("span", { class: line.kind }, `${line.text}\n`))),
      lines.some((line) => line.kind) && h("p", { class: "muted" }, h("span", { class: "expected" }, "- expected"), " ", h("span", { class: "received" }, "+ received")));
  }

  function facts(recording) {
    const element = h("div", { class: "pane" });
    return {
      element,
      show: (n) => {
        const step = recording.steps[n];
        const fact = (name, value, kind = null) => value && h("div", {}, h("dt", {}, name), h("dd", { class: kind, dir: "auto" }, value));
        element.replaceChildren(...[
          step.error && (step.command ? h("p", { class: "error whole", dir: "auto" }, step.error) : failure(step.error)),
          h("dl", { class: "fields" },
            fact("Step", `${step.name}${step.command && step.command !== step.name ? ` (${step.command})` : ""}`), fact("On", step.what, "id"), fact("Given", step.given, "id"), fact("Result", step.result, "id"),
            fact("At", `${offset(step.at)} after the first command`),
            step.command && fact("Took", `${ui.span(step.took)}${step.times > 1 ? ` for ${ui.number(step.times)} equal commands in a row` : ""}`),
            fact(step.command ? "Sent by" : "Failed at", step.by, "id"), step.command && fact("Changes the page", step.changes ? "may have" : "no: it only looks")),
        ].filter(Boolean));
      },
    };
  }

  // Lines in order of time; those of the step are marked, later ones follow a separator.
  // `note` is a sentence above them.
  function timed(events, draw, kind, none, go, note = "") {
    const lines = events.map((one) => h("li", { class: one.bad ? "bad" : null }, draw(one)));
    const rule = h("li", { class: "rule" });
    const list = h("ol", { class: `pane events ${kind}`, tabindex: "0" }, note && h("li", { class: "note" }, note), lines);
    const element = lines.length ? list : h("div", { class: "pane" }, empty(none));
    list.addEventListener("click", (event) => {
      if (event.target.closest("details")) return;
      const at = lines.indexOf(event.target.closest("li"));
      if (at >= 0 && getSelection().isCollapsed) go({ step: String(events[at].step + 1) });
    });
    let marked = [];
    let shown = null;
    return {
      element,
      // With `hits`, only the events among them are shown.
      show: (n, hits = null) => {
        if (hits !== shown) lines.forEach((line, at) => { line.hidden = hits !== null && !hits.has(events[at]); });
        shown = hits;
        for (const line of marked) line.classList.remove("during");
        marked = lines.filter((_, place) => events[place].step === n);
        for (const line of marked) line.classList.add("during");
        const next = events.findIndex((one) => one.step > n);
        rule.textContent = `later than step ${n + 1}`;
        if (next < 0) rule.remove();
        else list.insertBefore(rule, lines[next]);
        const seen = marked[0] ?? (next < 0 ? lines.at(-1) : rule);
        const look = () => { list.scrollTop = seen.offsetTop - list.offsetTop - list.clientHeight / 3; };
        look();
        requestAnimationFrame(look); // lines that nobody has seen were taken for single ones until now
      },
    };
  }
  const logLine = (one) => [h("span", { class: "when" }, offset(one.at)), h("b", { class: "level" }, one.bad ? "✗ " : /^warn/.test(one.level) ? "! " : "", one.level), h("span", { class: "text", dir: "auto" }, one.text)];
  const size = (bytes) => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes > 0 ? `${bytes} B` : "");
  const request = (one) => [h("span", { class: "when" }, offset(one.at)), h("b", { class: "level" }, one.bad ? "✗ " : "", one.status || "–"), h("span", { class: "kind" }, one.kind),
    h("span", { class: "text" }, one.details && `${one.details.method} `, one.url), h("span", { class: "when" }, size(one.bytes)), h("span", { class: "when" }, ui.span(one.took)),
    one.details && exchange(one.details)];

  // Headers and bodies of a failed request; those of the first few are open.
  function exchange({ problem, sent, sentBody, received, receivedBody }) {
    const headers = (all) => all.map(([name, value]) => h("div", {}, h("dt", { dir: "auto" }, name), h("dd", { dir: "auto" }, value)));
    const half = (title, all, body) => (all.length > 0 || body) && h("section", { "aria-label": title }, h("h3", {}, title),
      body && h("pre", { tabindex: "0", dir: "auto", "aria-label": `Body ${title.toLowerCase()}` }, body), h("dl", {}, headers(all)));
    return h("details", { class: "exchange" }, h("summary", {}, problem ? ui.own(problem) : "Headers and bodies"), half("Received", received, receivedBody), half("Sent", sent, sentBody));
  }

  function source(recording) {
    const element = h("div", { class: "pane", tabindex: "0", role: "region", "aria-label": "Source" });
    let shown = null;
    let lines = [];
    return {
      element,
      show: (n) => {
        const step = recording.steps[n];
        const of = step.source === null ? null : recording.sources[step.source];
        if (!of) {
          shown = null;
          element.replaceChildren(empty(step.by ? `Sent by ${step.by}; its lines are not in the trace.` : "It is not known which line of the case sent this step."));
          return;
        }
        if (shown !== of) {
          lines = of.lines.map((text, place) => h("span", {}, h("span", { class: "n" }, String(of.first + place)), `${text}\n`));
          element.replaceChildren(h("p", { class: "muted" }, ui.own(of.name, "id")), h("pre", { class: "code" }, lines));
          shown = of;
        }
        lines.forEach((line, place) => {
          line.classList.toggle("here", of.first + place === step.line);
          line.classList.toggle("bad", of.first + place === step.line && Boolean(step.error));
        });
        const here = lines[step.line - of.first];
        if (here) element.scrollTop = here.offsetTop - element.offsetTop - element.clientHeight / 3;
      },
    };
  }

  const counted = (events) => {
    const bad = events.filter((one) => one.bad).length;
    return [h("small", {}, ui.number(events.length)), bad > 0 && h("small", { class: "bad" }, `✗ ${ui.number(bad)}`)];
  };
  ui.traceFacts = (recording, go) => {
    const panes = {
      step: ["Step", null, () => facts(recording)],
      console: ["Console", counted(recording.console), () => timed(recording.console, logLine, "log", "Nothing was written to the console.", go)],
      network: ["Network", counted(recording.network), () => timed(recording.network, request, "requests", "No requests were recorded.", go, recording.network.some((one) => one.bad) && recording.lacks)],
      source: ["Source", null, () => source(recording)],
    };
    const made = {};
    const holder = h("div", { class: "panes" });
    const buttons = Object.entries(panes).map(([name, [word, more]]) =>
      h("button", { type: "button", "data-pane": name, onclick: () => go({ pane: name }) }, word, more));
    return {
      element: h("section", { class: "details card", "aria-label": "Details" }, h("div", { class: "tabs", role: "group", "aria-label": "What to read" }, buttons), holder),
      show: (place, hits) => {
        const name = place.pane in panes ? place.pane : "step";
        made[name] ??= panes[name][2](); // a long console is drawn when somebody wants to see it
        if (holder.firstChild !== made[name].element) holder.replaceChildren(made[name].element);
        for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.pane === name));
        made[name].show(place.step - 1, name === "network" ? (hits?.requests ?? null) : null);
      },
    };
  };
})();
