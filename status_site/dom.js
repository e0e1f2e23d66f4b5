// Helpers of all views: elements, numbers, times. Text is always set as text, so nothing in it can become markup.
"use strict";
// eslint-disable-next-line no-var
var ui = {};

(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, children) {
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false && child !== "") element.append(child);
    }
    return element;
  }
  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    return element;
  }
  // h("p", {class: "x"}, "text", [more]) makes an element and leaves out children that are null or "".
  ui.h = (tag, attributes = {}, ...children) => fill(set(document.createElement(tag), attributes), children);
  ui.svg = (tag, attributes = {}, ...children) => fill(set(document.createElementNS(SVG, tag), attributes), children);
  // A user's text, isolated so that its writing direction does not affect its surroundings.
  ui.own = (text, kind = null) => ui.h("bdi", { class: kind, title: text }, text);

  // Appends items to `body` in portions of `size`; returns the element with the button for the next portion.
  ui.inPortions = (body, items, size, draw, noun = "") => {
    const end = ui.h("div", { class: "end" });
    let drawn = 0;
    function more() {
      body.append(...items.slice(drawn, drawn + size).map(draw));
      drawn += size;
      const left = items.length - drawn;
      end.replaceChildren(...(left > 0 ? [ui.h("button", { type: "button", class: "quiet", onclick: more }, `${ui.number(left)} more${noun && ` ${noun}${left === 1 ? "" : "s"}`}`)] : []));
    }
    more();
    return end;
  };

  ui.data = JSON.parse(document.getElementById("data").textContent);
  ui.root = document.body.dataset.root;
  ui.legend = Object.fromEntries(
    ui.data.legend.map(([name, letter, symbol, word]) => [name, { letter, symbol, word }]),
  );
  ui.byLetter = Object.fromEntries(ui.data.legend.map(([name, letter]) => [letter, name]));
  ui.BAD = new Set(["failed", "error", "lost"]);

  const whole = new Intl.NumberFormat("en");
  ui.number = (value) => whole.format(value);
  ui.counted = (value, noun) => `${ui.number(value)} ${noun}${value === 1 ? "" : "s"}`;
  ui.span = (seconds) => {
    if (seconds === null || seconds === undefined) return "–";
    if (seconds < 0.0995) return seconds === 0 ? "0 s" : `${Math.max(Math.round(seconds * 1000), 1)} ms`;
    if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
    if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
    const minutes = Math.floor(Math.round(seconds) / 60);
    const rest = Math.round(seconds) % 60;
    if (minutes < 60) return `${minutes} min ${String(rest).padStart(2, "0")} s`;
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  };
  // The same for an estimate, rounded to seconds.
  ui.roughly = (seconds) => (seconds < 60 ? `${Math.ceil(seconds)} s` : ui.span(seconds));
  // Duration in seconds of a job's last attempt; null if none was reported.
  ui.took = (job) => (job.a?.length && job.a.at(-1)[1] !== "lost" ? job.a.at(-1)[3] : null);
  ui.usd = (amount) => (amount < 0.01 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(2)}`);
  ui.age = (seconds) => {
    const age = Math.max(0, seconds);
    if (age < 5) return "just now";
    if (age < 60) return `${Math.floor(age)} s ago`;
    if (age < 3600) return `${Math.floor(age / 60)} min ago`;
    if (age < 86400) return `${Math.floor(age / 3600)} h ago`;
    return null;
  };

  // The server's time where it is known, as a phone's clock may be minutes off.
  ui.skew = 0;
  ui.now = () => Date.now() / 1000 + ui.skew;
  function tell(element) {
    const moment = Number(element.dataset.time);
    const date = new Date(moment * 1000);
    element.textContent =
      ui.age(ui.now() - moment) ?? date.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
  ui.when = (moment) => {
    const date = new Date(moment * 1000);
    if (Number.isNaN(date.getTime())) return "unknown time";
    const iso = date.toISOString();
    const element = ui.h("time", { datetime: iso, title: `${date.toLocaleString()} (${iso})`, "data-time": moment });
    tell(element);
    return element;
  };
  setInterval(() => document.querySelectorAll("time[data-time]").forEach(tell), 5000);

  // An outcome is always shown as symbol and word; colour only adds to them.
  ui.chip = (outcome, href = null, said = null) => {
    const { symbol, word } = ui.legend[outcome];
    const inside = [ui.h("b", { "aria-hidden": "true" }, symbol), ` ${said ?? word}`];
    return href ? ui.h("a", { class: `chip ${outcome}`, href }, inside) : ui.h("span", { class: `chip ${outcome}` }, inside);
  };
  ui.verdict = (headline, level = "h1") =>
    ui.h("div", { class: `verdict ${headline.tone}` },
      ui.h("span", { class: "disc", "aria-hidden": "true" }, headline.symbol),
      ui.h("div", {}, ui.h(level, {}, headline.word), headline.detail && ui.h("p", { dir: "auto" }, headline.detail)));
  // The current verdict. A coordinator that died cannot report it, so the page has to find out.
  ui.headline = (run) => (ui.isStale(run) ? run.stale : run.headline);
  ui.isStale = (run) => run.active && ui.now() - run.beat > ui.data.stale_after_s;
  ui.isLive = (run) => run.active && !ui.isStale(run);

  ui.commit = (run) => ui.h("bdi", { class: "id", title: run.commit }, run.commit.slice(0, 10));
  ui.source = (run) => [
    run.branch && ui.own(run.branch, "id"), run.branch && run.commit && " at ",
    run.commit && ui.commit(run),
  ];
  ui.tested = (run) => (run.link ? ui.h("a", { href: run.link, rel: "noopener noreferrer" }, ui.own(run.url)) : ui.own(run.url));
  ui.fact = (name, ...value) => ui.h("div", {}, ui.h("dt", {}, name), ui.h("dd", {}, value));

  // A button that copies the text that `make` returns. Without a clipboard, as at an address without https, the text is
  // shown and marked, so that a key press copies it.
  const COPIED_MS = 3000;
  ui.copy = (make, word = "Copy") => {
    const button = ui.h("button", { type: "button", class: "quiet copy" }, word);
    button.addEventListener("click", async () => {
      const text = make();
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = word; }, COPIED_MS);
      } catch {
        showMarked(text, word);
      }
    });
    return button;
  };
  function showMarked(text, word) {
    const area = ui.h("textarea", { readonly: true, rows: "12", "aria-label": word });
    const dialog = ui.h("dialog", { class: "to-copy", "aria-label": word, onclose: () => dialog.remove() },
      ui.h("p", {}, "This page may not use the clipboard. The text is marked: copy it with a key."), area,
      ui.h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Close"));
    area.value = text;
    document.body.append(dialog);
    dialog.showModal();
    area.select();
  }

  // The state of a page is kept in its address, so that a link leads to the same view.
  ui.state = () => new URLSearchParams(location.hash.slice(1));
  ui.address = (changes) => {
    const state = ui.state();
    for (const [name, value] of Object.entries(changes)) {
      if (value) state.set(name, value);
      else state.delete(name);
    }
    return `#${state}`;
  };
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address is taken
    document.getElementById("main").focus();
  });
})();
