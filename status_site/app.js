// Comfort only: every page says all it knows without this file.
"use strict";
(() => {
  const RELOAD_S = 5;
  const SILENT_S = 60;
  const body = document.body;
  const seconds = () => Date.now() / 1000;

  // Times: "3 min ago", the local and the UTC time on hover.
  function ago(age) {
    if (age < 0) return "just now";
    if (age < 60) return `${Math.floor(age)} s ago`;
    if (age < 3600) return `${Math.floor(age / 60)} min ago`;
    if (age < 86400) return `${Math.floor(age / 3600)} h ago`;
    return null;
  }
  const times = [...document.querySelectorAll("time[data-time]")].filter((element) => element.dateTime);
  for (const element of times) {
    element.title = `${new Date(element.dateTime).toLocaleString()} (${element.textContent})`;
  }
  function tellTimes() {
    for (const element of times) {
      const text = ago(seconds() - Number(element.dataset.time));
      element.textContent = text ?? new Date(element.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    }
  }

  // A coordinator that died cannot say so: the page has to notice.
  function isSilent() {
    return "beat" in body.dataset && seconds() - Number(body.dataset.beat) > SILENT_S;
  }
  function tellSilence() {
    const notice = document.getElementById("silent");
    if (notice) notice.hidden = !isSilent();
  }
  function tick() {
    tellTimes();
    tellSilence();
  }
  tick();
  setInterval(tick, 1000);

  // News: reloading keeps the scroll position; nobody is disturbed while typing or reading in another tab.
  if ("live" in body.dataset) {
    let waited = 0;
    setInterval(() => {
      waited += 1;
      const due = isSilent() ? RELOAD_S * 6 : RELOAD_S;
      const typing = document.activeElement && document.activeElement.id === "filter";
      if (waited >= due && !document.hidden && !typing) location.reload();
    }, 1000);
  }

  const tools = document.querySelector(".tools");
  if (!tools) return;

  // Modules the reader opened or closed stay so across reloads.
  const modules = [...document.querySelectorAll("details.module")];
  const memory = `open:${location.pathname}`;
  let chosen = {};
  try {
    chosen = JSON.parse(sessionStorage.getItem(memory)) || {};
  } catch {
    chosen = {};
  }
  for (const module of modules) {
    if (module.id in chosen) module.open = chosen[module.id];
    module.querySelector("summary").addEventListener("click", () => {
      chosen[module.id] = !module.open;
      try {
        sessionStorage.setItem(memory, JSON.stringify(chosen));
      } catch {
        // Private windows may refuse; then it lasts until the next reload.
      }
    });
  }

  // The filter lives in the address, so that a filtered view can be sent to somebody.
  const input = document.getElementById("filter");
  const found = document.getElementById("found");
  const buttons = [...tools.querySelectorAll("[data-outcome]")];
  const groups = modules.map((module) => ({
    module,
    name: module.querySelector(".title").textContent.toLowerCase(),
    lines: [...module.querySelectorAll("tbody tr")].map((row) => ({
      row,
      text: row.cells[0].textContent.toLowerCase(),
      outcomes: row.dataset.o.split(" "),
    })),
    chunks: [...module.querySelectorAll(".chunk")],
  }));
  const wasOpen = new Map();

  function apply() {
    const text = input.value.trim().toLowerCase();
    const wanted = buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.outcome);
    const active = Boolean(text || wanted.length);
    let shown = 0;
    for (const { module, name, lines, chunks } of groups) {
      const all = !text || name.includes(text);
      let here = 0;
      for (const { row, text: own, outcomes } of lines) {
        const show = (all || own.includes(text)) && (!wanted.length || wanted.some((o) => outcomes.includes(o)));
        row.hidden = !show;
        here += show;
      }
      for (const chunk of chunks) chunk.hidden = !chunk.querySelector("tbody tr:not([hidden])");
      module.hidden = active && !here;
      if (active) {
        if (!wasOpen.has(module)) wasOpen.set(module, module.open);
        module.open = here > 0;
      } else if (wasOpen.has(module)) {
        module.open = wasOpen.get(module);
        wasOpen.delete(module);
      }
      shown += here;
    }
    found.textContent = active ? `${shown} ${shown === 1 ? "case" : "cases"}` : "";
    const hash = new URLSearchParams();
    if (text) hash.set("q", input.value.trim());
    if (wanted.length) hash.set("o", wanted.join(","));
    try {
      history.replaceState(null, "", active ? `#${hash}` : location.pathname + location.search);
    } catch {
      // Some browsers refuse this for files.
    }
  }

  const start = new URLSearchParams(location.hash.slice(1));
  input.value = start.get("q") || "";
  const pressed = (start.get("o") || "").split(",");
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(pressed.includes(button.dataset.outcome)));
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  tools.hidden = false;
  if (input.value || pressed[0]) apply();
})();
