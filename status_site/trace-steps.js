// The list of a trace's steps.
"use strict";
(() => {
  const { h } = ui;
  ui.traceSteps = (recording, go) => {
    const lines = recording.steps.map((step, n) => h("li", { class: [step.changes ? null : "looks", step.error && "bad"].filter(Boolean).join(" ") || null },
      h("a", { href: ui.address({ step: String(n + 1) }), "data-step": n + 1 },
        h("span", { class: "n" }, String(n + 1)),
        h("span", { class: "what" },
          step.error && h("b", { class: "sign" }, "✗", h("span", { class: "unseen" }, " failed: ")),
          h("bdi", { class: "name" }, step.name), step.times > 1 && h("i", {}, ` ×${ui.number(step.times)}`), " ",
          h("bdi", { class: "on" }, step.what)),
        h("span", { class: "took" }, ui.span(step.took)))));
    const list = h("ol", { class: "steps-list" }, lines);
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      go({ step: link.dataset.step });
    });
    const changing = recording.steps.filter((step) => step.changes).length;
    const only = h("input", { type: "checkbox", id: "only", onchange: () => go({ only: only.checked ? "1" : null }) });
    const now = h("span", { class: "muted" });
    // On a phone the list is closed until it is opened; beside the page it is always shown.
    const opener = h("button", { type: "button", class: "opener", "aria-expanded": "false", onclick: () => {
      opener.setAttribute("aria-expanded", String(element.classList.toggle("open")));
    } }, "Steps ", now);
    const element = h("section", { class: "steps card", "aria-label": "Steps" }, opener,
      h("p", { class: "only" }, only, h("label", { for: "only" }, `Only steps that change the page (${ui.number(changing)})`)), list);
    let marked = null;
    return {
      element,
      show: (place) => {
        only.checked = place.only;
        list.classList.toggle("only-changes", place.only);
        now.textContent = `${ui.number(place.step)} of ${ui.number(lines.length)}`;
        const line = lines[place.step - 1];
        if (line === marked) return;
        marked?.firstChild.removeAttribute("aria-current");
        marked?.classList.remove("now");
        line.firstChild.setAttribute("aria-current", "step");
        line.classList.add("now");
        // Only the list is scrolled, never the page around it.
        const [top, bottom] = [line.offsetTop - list.offsetTop, line.offsetTop - list.offsetTop + line.offsetHeight];
        if (top < list.scrollTop) list.scrollTop = top - line.offsetHeight;
        else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight + line.offsetHeight;
        marked = line;
      },
    };
  };
})();
