// The list of a trace's steps.
"use strict";
(() => {
  const { h } = ui;
  // `find` is called with the text of the search field, `next` for the next step that holds it.
  ui.traceSteps = (recording, go, { find, next }) => {
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
    const input = h("input", { type: "search", id: "find-step", placeholder: "Find in steps and requests", "aria-label": "Find in steps and requests", "aria-describedby": "found-steps", autocomplete: "off", spellcheck: "false", oninput: () => find(input.value) });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.stopPropagation(); // elsewhere, Esc leaves the trace
      event.preventDefault();
      if (event.key === "Enter") next();
      else if (input.value) find((input.value = ""));
      else input.blur();
    });
    const told = h("p", { id: "found-steps", role: "status", class: "muted" });
    let found = null;
    function mark(hits) {
      if (hits === found) return;
      found = hits;
      list.classList.toggle("finding", Boolean(hits));
      lines.forEach((line, n) => line.classList.toggle("hit", Boolean(hits?.steps.has(n))));
      told.textContent = hits ? `${ui.counted(hits.own.size, "step")}, ${ui.counted(hits.requests.size, "request")}` : "";
    }
    const changing = recording.steps.filter((step) => step.changes).length;
    const only = h("input", { type: "checkbox", id: "only", onchange: () => go({ only: only.checked ? "1" : null }) });
    const now = h("span", { class: "muted" });
    // On a phone the list is closed until it is opened; beside the page it is always shown.
    const opener = h("button", { type: "button", class: "opener", "aria-expanded": "false", onclick: () => {
      opener.setAttribute("aria-expanded", String(element.classList.toggle("open")));
    } }, "Steps ", now);
    const element = h("section", { class: "steps card", "aria-label": "Steps" }, opener,
      h("p", { class: "only" }, only, h("label", { for: "only" }, `Only steps that change the page (${ui.number(changing)})`)),
      h("div", { class: "find", role: "search" }, input, told), list);
    let marked = null;
    return {
      element,
      // A phone's list is opened for the search.
      search: () => {
        if (opener.getAttribute("aria-expanded") === "false" && getComputedStyle(opener).pointerEvents !== "none") opener.click();
        input.focus();
      },
      show: (place, hits) => {
        if (input.value !== place.find && document.activeElement !== input) input.value = place.find;
        mark(hits);
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
