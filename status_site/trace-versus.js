// Two attempts of a case beside each other: their steps up to where they part, and what only one of them met.
"use strict";
(() => {
  const { h } = ui;
  const BEFORE = 3; // equal steps shown before the one at which the attempts part
  const AFTER = 15;
  const MOST = 5;

  // How two steps differ: in what was done, in how it ended, or in what it gave; null if in nothing.
  function difference(one, other) {
    if (!one || !other) return "end";
    if (one.command !== other.command || one.what !== other.what || one.given !== other.given) return "act";
    if (one.error !== other.error) return "error";
    return one.result === other.result ? null : "result";
  }
  const WORDS = {
    end: "One attempt ends here, the other goes on.",
    act: "From here on the attempts do something else.",
    error: "The same step ended differently.",
    result: "The same step gave another result.",
  };
  // The index of the first pair of steps that differs, and how; null if the attempts are equal.
  ui.tracePart = (one, other) => {
    const count = Math.max(one.steps.length, other.steps.length);
    for (let n = 0; n < count; n += 1) {
      const kind = difference(one.steps[n], other.steps[n]);
      if (kind) return { n, kind };
    }
    return null;
  };

  // What an attempt met: failed requests by status and address without its query, console errors by text.
  const path = (url) => url.split(/[?#]/)[0];
  const request = ({ status, url, details }) => `failed request ${details?.method ?? ""} ${path(url)}: ${status || details?.problem || "no answer"}`.replace("  ", " ");
  const metBy = (recording) => new Set([...recording.network.filter((event) => event.bad).map(request),
    ...recording.console.filter((event) => event.bad).map((event) => `console error ${event.text}`)]);
  // What all of these recordings met.
  ui.metByAll = (recordings) => {
    const [first, ...others] = recordings.map(metBy);
    return [...first].filter((text) => others.every((met) => met.has(text))).slice(0, MOST);
  };
  function only(one, other) {
    const there = metBy(other);
    return [...metBy(one)].filter((text) => !there.has(text)).slice(0, MOST);
  }

  function cell(side, n) {
    const step = side.recording.steps[n];
    if (!step) return h("span", { class: "muted gone" }, `attempt ${side.number} has ended`);
    return h("a", { class: step.error ? "bad" : null, "data-of": `Attempt ${side.number}`, href: side.href(n) },
      step.error && h("b", { class: "sign" }, "✗", h("span", { class: "unseen" }, " failed: ")),
      h("bdi", { class: "name" }, step.name), " ", h("bdi", { class: "on" }, step.what), step.given && [" ", h("bdi", {}, step.given)],
      h("span", { class: "took" }, ui.span(step.took)),
      (step.error || step.result) && h("span", { class: step.error ? "error" : "muted", dir: "auto" }, step.error || step.result));
  }
  function picture(side, n) {
    const { recording } = side;
    const at = recording.newest.shot[Math.min(n, recording.steps.length - 1)];
    const shot = at === null ? null : recording.shots[recording.steps[at].shot];
    return h("figure", {}, h("figcaption", { class: "muted" }, `Attempt ${side.number}${at === null ? "" : `, after step ${at + 1}`}`),
      shot ? h("img", { src: shot, alt: `The page of attempt ${side.number} there` }) : h("p", { class: "muted" }, "No screenshot was taken by then."));
  }
  function met(side, other) {
    const texts = only(side.recording, other.recording);
    if (!texts.length) return null;
    return h("div", {}, h("h3", {}, `Only in attempt ${side.number}`), h("ul", {}, texts.map((text) => h("li", {}, ui.own(text)))));
  }

  // The view of two attempts, identified by `name`; its element stays the same while the same two are shown.
  let shown = null;
  ui.traceVersus = (name, head, sides) => {
    if (shown?.name !== name) shown = { name, element: whole(head, sides) };
    return shown.element;
  };
  // `sides` are two of {number, verdict, recording, href}, where `href` is the address of a step by its index.
  function whole(head, sides) {
    const [one, other] = sides;
    const part = ui.tracePart(one.recording, other.recording);
    const at = part?.n ?? Math.max(one.recording.steps.length - 1, 0);
    const count = Math.max(one.recording.steps.length, other.recording.steps.length);
    const from = Math.max(at - BEFORE, 0);
    const numbers = Array.from({ length: Math.min(count, at + AFTER) - from }, (_, n) => from + n);
    const rows = numbers.map((n) => {
      const kind = difference(one.recording.steps[n], other.recording.steps[n]);
      const parts = part?.n === n;
      return h("li", { class: parts ? "parts" : kind ? "differs" : "same", id: parts ? "parts" : null },
        parts && h("p", { class: "word" }, h("b", {}, `Step ${n + 1}. `), WORDS[kind]),
        h("span", { class: "n" }, String(n + 1)), cell(one, n), cell(other, n));
    });
    const said = part ? `The attempts part at step ${part.n + 1}.` : "All steps of these attempts are equal.";
    const left = count - from - numbers.length;
    const alone = [met(one, other), met(other, one)].filter(Boolean);
    return h("div", { class: "versus" },
      h("section", { class: "hero" }, head, h("p", { class: "did", role: "status" }, h("b", {}, said), part && ` ${WORDS[part.kind]}`)),
      alone.length > 0 && h("section", { class: "card alone", "aria-label": "What only one of them met" }, alone),
      h("section", { class: "card", "aria-label": "Steps" },
        h("ol", { class: "pairs" },
          h("li", { class: "heads" }, h("span", { class: "n" }, "#"), sides.map((side) => h("b", {}, `Attempt ${side.number} `, ui.chip(side.verdict)))),
          from > 0 && h("li", { class: "muted gap" }, `${ui.counted(from, "equal step")} before`), rows,
          left > 0 && h("li", { class: "muted gap" }, `${ui.counted(left, "more step")}`))),
      h("section", { class: "card shots", "aria-label": "Screenshots" }, sides.map((side) => picture(side, at))));
  }
})();
