// A recording in the form that the views read. The file is untrusted: whatever is missing or has the wrong type
// becomes an empty value here, so that the views need no checks.
"use strict";
(() => {
  const VERSION = 1;
  const PICTURE = /^data:image\/(?:jpeg|png|webp|gif);base64,[\w+/=]*$/;
  const list = (value) => (Array.isArray(value) ? value : []);
  const text = (value) => (value === null || value === undefined ? "" : String(value));
  const number = (value) => (Number.isFinite(Number(value)) ? Number(value) : 0);
  const seconds = (value) => Math.max(number(value), 0);
  const numbers = (value, count) => (list(value).length === count && value.every(Number.isFinite) ? value : null);
  const size = (...found) => (found.map((one) => numbers(one, 2)).find(Boolean) ?? [1280, 720]).map((one) => Math.min(Math.max(one, 50), 8000));
  const place = (value, among) => (Number.isInteger(value) && value >= 0 && value < among.length ? value : null);

  function step(one, shots, pages, sources) {
    const line = /^(.*):(\d+)$/s.exec(text(one?.by));
    return {
      name: text(one?.n) || text(one?.c) || "step", command: text(one?.c), at: seconds(one?.at), took: seconds(one?.took),
      times: Math.max(1, number(one?.times)), what: text(one?.what), given: text(one?.given), result: text(one?.result),
      error: text(one?.error), by: text(one?.by), line: line ? Number(line[2]) : null, source: place(one?.source, sources),
      changes: one?.changes === true, shot: place(one?.shot, shots), page: place(one?.page, pages), box: numbers(one?.box, 4),
    };
  }

  // What is known of a failed request; null for one that succeeded, and in traces of older versions.
  const headers = (value) => list(value).map((one) => [text(one?.[0]), text(one?.[1])]);
  const details = (one) => (one && typeof one === "object" ? {
    method: text(one.method), problem: text(one.problem), sent: headers(one.sent), received: headers(one.received),
    sentBody: text(one.sent_body), receivedBody: text(one.received_body),
  } : null);

  // For each event the index of the step during or after which it happened; events and steps are in order of time.
  function assigned(events, steps) {
    let at = 0;
    for (const event of events) {
      while (at + 1 < steps.length && steps[at + 1].at <= event.at) at += 1;
      event.step = at;
    }
    return events;
  }
  const ordered = (events) => events.sort((one, other) => one.at - other.at);

  // For each step the index of the latest step up to it that has its own `kind`; null if there is none.
  function newest(steps, kind) {
    let at = null;
    return steps.map((one, n) => {
      if (one[kind] !== null) at = n;
      return at;
    });
  }

  // Throws an Error with the reason if the file cannot be read.
  ui.recording = (data) => {
    if (!data || typeof data !== "object") throw new Error("It is no trace.");
    if (data.v !== VERSION) throw new Error(`It was made by another version of uitest (form ${text(data.v)}, this page reads ${VERSION}).`);
    const shots = list(data.shots).map((one) => (PICTURE.test(one) ? one : null));
    const images = new Map(Object.entries(data.images ?? {}).filter(([, one]) => PICTURE.test(one)));
    const pages = list(data.pages).map((one) => ({
      url: text(one?.url), title: text(one?.title), html: text(one?.html), css: list(one?.css).map((n) => text(list(data.css)[n])),
      images, scroll: numbers(one?.scroll, 2) ?? [0, 0], size: size(one?.size, data.viewport),
    }));
    const sources = list(data.sources).map((one) => ({ name: text(one?.name), first: number(one?.first), lines: list(one?.lines).map(text) }));
    const steps = ordered(list(data.steps).map((one) => step(one, shots, pages, sources)));
    const log = assigned(ordered(list(data.console).map((one) => ({ at: seconds(one?.[0]), level: text(one?.[1]).toLowerCase(), text: text(one?.[2]) }))), steps);
    const requests = assigned(ordered(list(data.network).map((one) => ({
      at: seconds(one?.[0]), took: seconds(one?.[1]), status: number(one?.[2]), bytes: number(one?.[3]), kind: text(one?.[4]), url: text(one?.[5]), details: details(one?.[6]),
    }))), steps);
    for (const one of log) one.bad = /^(?:error|severe|assert)/.test(one.level);
    for (const one of requests) one.bad = one.status >= 400 || Boolean(one.details);
    const ends = [...steps, ...requests].map((one) => one.at + one.took).concat(log.map((one) => one.at));
    return {
      case: text(data.case), browser: text(data.browser), began: number(data.began), took: seconds(data.took), spent: seconds(data.spent),
      lacks: data.lacks === undefined ? "Headers and bodies of failed requests are not in traces of older versions." : text(data.lacks),
      outline: text(data.outline),
      cut: list(data.cut).map(text), size: size(data.viewport), steps, shots, pages, sources, console: log, network: requests,
      end: ends.reduce((one, other) => Math.max(one, other), Math.max(seconds(data.took), 0.001)),
      newest: { page: newest(steps, "page"), shot: newest(steps, "shot") },
    };
  };

  // Recordings by address, or the reason why one is missing; each file is read once.
  const known = new Map();
  const read = (make) => {
    try {
      return { recording: make() };
    } catch (error) {
      return { why: error instanceof SyntaxError ? "Its file is damaged." : error.message };
    }
  };
  // Called by a trace's file, a script so that it also works from a folder.
  ui.trace = (data) => known.set(document.currentScript?.dataset.of, read(() => ui.recording(data)));

  // The recording of an attempt, or the reason why it cannot be shown; null while it is loading, then `done` is called.
  ui.recordingOf = (file, done) => {
    if (file.left_out) return { why: file.left_out };
    const name = file.inside ?? file.href;
    if (known.has(name)) return known.get(name);
    if (file.inside) {
      const inside = document.getElementById(file.inside);
      known.set(name, read(() => ui.recording(JSON.parse(inside.textContent))));
      return known.get(name);
    }
    if (new URL(name, location).origin !== location.origin) {
      return { why: "The artifacts of this run have an address of their own, and this page runs scripts of its own address only. Download the trace, or serve site and artifacts together (uitest serve, or one bucket)." };
    }
    known.set(name, null);
    const script = ui.h("script", { src: name, "data-of": name });
    const over = () => {
      script.remove();
      known.set(name, known.get(name) ?? { why: "Its file could not be read: it is gone, or this page may not ask for it." });
      done();
    };
    script.addEventListener("load", over);
    script.addEventListener("error", over);
    document.head.append(script);
    return null;
  };
})();
