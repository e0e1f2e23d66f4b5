// The centre of a trace: the page or its picture, before or after the step, with a frame around the step's element.
"use strict";
(() => {
  const { h } = ui;
  const PHONE = matchMedia("(max-width: 760px)");

  // What to show of a step: the index of the step with the page or picture, and a sentence if that is another step.
  ui.sight = (recording, n, look, when) => {
    const step = recording.steps[n];
    const newest = recording.newest[look];
    const before = n > 0 ? newest[n - 1] : null;
    const of = when === "before" ? before : newest[n];
    const word = look === "page" ? "snapshot" : "screenshot";
    if (of === null) {
      const why = when === "before" ? `There is no ${word} from before this step.` : step.changes ? `No ${word} of this step was taken.` : `No ${word} was taken before this step.`;
      return { of, told: why };
    }
    const expected = when === "before" || !step.changes ? lastChange(recording, n - 1) : n;
    return { of, told: of < expected ? `No newer ${word} was taken: this is after step ${of + 1}.` : "" };
  };
  function lastChange(recording, n) {
    let at = n;
    while (at > 0 && !recording.steps[at].changes) at -= 1;
    return at;
  }
  // The default: the page before the step if it shows the step's element, else the page after it.
  ui.whenShown = (recording, n, chosen) => {
    const step = recording.steps[n];
    if (!step.changes) return "after"; // it changes nothing: there is one state only
    if (chosen === "before" || chosen === "after") return chosen;
    return step.box && recording.newest.page[n - 1] !== null && n > 0 ? "before" : "after";
  };

  function choice(label, options, choose) {
    const buttons = options.map(([value, word]) => h("button", { type: "button", "data-value": value, onclick: () => choose(value) }, word));
    return {
      element: h("div", { class: "choice", role: "group", "aria-label": label }, buttons),
      show: (value, possible = true) => {
        for (const button of buttons) {
          button.setAttribute("aria-pressed", String(possible && button.dataset.value === value));
          button.disabled = !possible;
        }
      },
    };
  }

  ui.traceStage = (recording, go) => {
    const look = choice("What to see", [["page", "Page"], ["shot", "Screenshot"]], (value) => go({ look: value }));
    const when = choice("When", [["before", "Before"], ["after", "After"]], (value) => go({ when: value }));
    const zoom = h("button", { type: "button", class: "zoom", onclick: () => go({ zoom: zoom.getAttribute("aria-pressed") === "true" ? null : "1" }) }, "100 %");
    const address = h("p", { class: "at", dir: "auto" });
    const told = h("p", { class: "told", role: "status" });
    const nothing = h("p", { class: "calm" });
    const snapshot = ui.snapshot();
    const picture = h("img", { alt: "" });
    const box = h("div", { class: "box" });
    const glass = h("div", { class: "glass", role: "img" }, box);
    const sheet = h("div", { class: "sheet" }, snapshot.element, picture, glass);
    const desk = h("div", { class: "desk", tabindex: "0", role: "region", "aria-label": "The page" }, sheet, nothing);
    let current = null;

    function scale(width, height) {
      if (current.zoom) return 1;
      const high = PHONE.matches ? innerHeight * 0.7 : desk.clientHeight - 2;
      return Math.max(Math.min((desk.clientWidth - 2) / width, high / height, 1), 0.05);
    }
    function fit() {
      if (!current?.size) return;
      const [width, height] = current.size;
      const by = scale(width, height);
      Object.assign(sheet.style, { width: `${width * by}px`, height: `${height * by}px` });
      Object.assign(snapshot.element.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${by})` });
      mark(by);
    }
    function mark(by, [left, top] = [0, 0]) {
      box.hidden = !current.box;
      if (!current.box) return;
      const [x, y, width, height] = current.box;
      Object.assign(box.style, { left: `${(x - left) * by}px`, top: `${(y - top) * by}px`, width: `${width * by}px`, height: `${height * by}px` });
    }
    new ResizeObserver(fit).observe(desk);
    glass.addEventListener("wheel", (event) => {
      if (current?.look !== "page" || event.ctrlKey) return;
      const was = current.scrolled ?? [0, 0];
      current.scrolled = snapshot.scroll(event.deltaX, event.deltaY);
      if (String(was) === String(current.scrolled)) return; // at its end: the reader's own page scrolls
      event.preventDefault();
      mark(scale(...current.size), current.scrolled);
    }, { passive: false });

    function show(place) {
      const n = place.step - 1;
      const step = recording.steps[n];
      const looks = place.look ?? (recording.pages.length || !recording.shots.length ? "page" : "shot");
      const chosen = ui.whenShown(recording, n, place.when);
      const sight = ui.sight(recording, n, looks, chosen);
      const pageOf = ui.sight(recording, n, "page", chosen).of;
      const page = pageOf === null ? null : recording.pages[recording.steps[pageOf].page];
      look.show(looks);
      when.show(chosen, step.changes);
      zoom.setAttribute("aria-pressed", String(Boolean(place.zoom)));
      address.textContent = page?.url ?? "";
      told.textContent = sight.told;
      const data = sight.of === null ? null : looks === "page" ? page : recording.shots[recording.steps[sight.of].shot];
      sheet.hidden = !data;
      nothing.hidden = Boolean(data);
      snapshot.element.hidden = looks !== "page";
      picture.hidden = looks !== "shot";
      const size = page?.size ?? recording.size;
      // The frame marks where the element was before the step; afterwards it may be anywhere.
      current = { look: looks, size: data ? size : null, zoom: place.zoom, box: chosen === "before" || !step.changes ? step.box : null };
      glass.setAttribute("aria-label", `The page ${step.changes ? chosen : "at"} step ${place.step}: ${step.name} ${step.what}`);
      if (!data) nothing.textContent = `${sight.told} ${missing(looks, chosen, n)}`;
      else if (looks === "shot") {
        if (picture.getAttribute("src") !== data) picture.setAttribute("src", data);
      } else {
        snapshot.show(data, (lost) => {
          told.textContent = [sight.told, lost > 0 && `${ui.counted(lost, "picture")} of the page ${lost === 1 ? "is" : "are"} not in the snapshot.`].filter(Boolean).join(" ");
        });
      }
      fit();
    }
    function missing(looks, chosen, n) {
      const other = looks === "page" ? "shot" : "page";
      const there = ui.sight(recording, n, other, chosen).of !== null;
      if (there) return looks === "page" ? "There is a screenshot." : "There is a snapshot of the page.";
      return recording.pages.length + recording.shots.length ? "" : "This trace has neither snapshots nor screenshots.";
    }
    return {
      element: h("section", { class: "stage card", "aria-label": "Page" },
        h("div", { class: "controls" }, look.element, when.element, address, zoom), told, desk),
      show,
    };
  };
})();
