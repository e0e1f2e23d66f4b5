// The keyboard: one table of keys for a page, and a list of them under `?`.
"use strict";
(() => {
  // `keys` maps a key to its description, its action (which returns false if it did nothing) and, if it differs, its label.
  ui.keyboard = (keys) => {
    const help = ui.h("dialog", { "aria-labelledby": "keys-title" },
      ui.h("h2", { id: "keys-title" }, "Keys"),
      ui.h("dl", { class: "keys" }, Object.entries(keys).map(([key, { what, label }]) =>
        ui.h("div", {}, ui.h("dt", {}, ui.h("kbd", {}, label ?? key)), ui.h("dd", {}, what)))),
      ui.h("button", { type: "button", class: "quiet", onclick: () => help.close() }, "Close"));
    document.body.append(help);
    const all = { ...keys, "?": { what: "these keys", act: () => help.showModal() } };
    help.querySelector("dl").append(ui.h("div", {}, ui.h("dt", {}, ui.h("kbd", {}, "?")), ui.h("dd", {}, all["?"].what)));
    const opener = ui.h("button", { type: "button", class: "quiet help", "aria-label": "Keys", onclick: () => help.showModal() }, "?");
    document.querySelector(".top").append(opener);

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
      if (typing && event.key !== "Escape" && event.key !== "Enter") return;
      // Links and buttons handle Enter themselves.
      if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
      const found = all[event.key === "Escape" ? "Esc" : event.key];
      if (!found) return;
      if (found.act(event.target) !== false) event.preventDefault();
    });
  };

  // j and k move the focus through the elements that match `selector`.
  ui.step = (selector, by) => {
    const all = [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility?.() ?? true);
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by, 0), all.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
})();
