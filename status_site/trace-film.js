// The timeline of a trace: pictures of the page, steps as bars by duration, errors and failed requests as marks.
"use strict";
(() => {
  const { h, svg } = ui;
  const FRAME = 88; // px of a picture in the strip
  const WIDTH = 1000;
  const LANE = 16;

  function drawing(recording) {
    const x = (seconds) => (seconds / recording.end) * WIDTH;
    // One path for each kind, so that thousands of steps need only a few elements.
    const paths = { looks: [], changes: [], bad: [] };
    for (const step of recording.steps) {
      const kind = step.error ? "bad" : step.changes ? "changes" : "looks";
      const width = Math.max(x(step.took), 2);
      paths[kind].push(`M${x(step.at).toFixed(2)} ${kind === "looks" ? 5 : 1}h${width.toFixed(2)}v${kind === "looks" ? 6 : 14}h-${width.toFixed(2)}Z`);
    }
    return svg("svg", { class: "lane", viewBox: `0 0 ${WIDTH} ${LANE}`, preserveAspectRatio: "none", height: LANE, "aria-hidden": "true" },
      Object.entries(paths).map(([kind, parts]) => parts.length > 0 && svg("path", { class: kind, d: parts.join("") })));
  }
  // Marks are not stretched with the lane and keep their shape; at most one for every two pixels.
  function marks(recording, width) {
    const seen = new Set();
    const at = (events, kind) => events.filter((one) => one.bad).map((one) => Math.round(((one.at / recording.end) * width) / 2) * 2)
      .filter((x) => !seen.has(kind + x) && seen.add(kind + x))
      .map((x) => (kind === "log" ? `M${x} 0l4 8h-8Z` : `M${x} 0l4 4l-4 4l-4 -4Z`)).join("");
    return [svg("path", { class: "error", d: at(recording.console, "log") }), svg("path", { class: "request", d: at(recording.network, "request") })];
  }

  ui.traceFilm = (recording, go, player) => {
    const { steps, end } = recording;
    const strip = h("div", { class: "film", "aria-hidden": "true" });
    const markers = svg("svg", { class: "marks", height: 9, "aria-hidden": "true" });
    const cursor = h("div", { class: "cursor" });
    const told = h("p", { class: "muted hint" });
    const axis = h("div", { class: "axis", "aria-hidden": "true" }, [0, 0.25, 0.5, 0.75, 1].map((part) => h("span", {}, ui.span(end * part))));
    const line = h("div", { class: "scrub", role: "slider", tabindex: "0", "aria-label": "Step", "aria-valuemin": "1", "aria-valuemax": String(steps.length) },
      recording.shots.length > 0 && strip, drawing(recording), markers, cursor);
    const bad = (events) => events.filter((one) => one.bad).length;

    let wide = 0;
    function draw() {
      if (!line.clientWidth || line.clientWidth === wide) return;
      wide = line.clientWidth;
      markers.setAttribute("width", wide);
      markers.replaceChildren(...marks(recording, wide));
      // Each picture shows the page at the middle of its span, the last one its end.
      const count = Math.max(Math.floor(wide / FRAME), 1);
      strip.replaceChildren(...Array.from({ length: count }, (_, place) => {
        const at = place === count - 1 ? steps.length - 1 : stepAt(((place + 0.5) / count) * end);
        const of = recording.newest.shot[at];
        const shot = of === null ? null : recording.shots[steps[of].shot];
        return shot ? h("img", { src: shot, alt: "", decoding: "async", draggable: "false" }) : h("span");
      }));
    }
    new ResizeObserver(draw).observe(line);

    // The last step that had begun by then.
    function stepAt(seconds) {
      let [low, high] = [0, steps.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (steps[middle].at <= seconds) low = middle;
        else high = middle - 1;
      }
      return low;
    }
    const pointed = (event) => {
      const around = line.getBoundingClientRect();
      return stepAt(Math.min(Math.max((event.clientX - around.left) / around.width, 0), 1) * end + end / around.width);
    };
    line.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      line.setPointerCapture(event.pointerId);
      go({ step: String(pointed(event) + 1) });
    });
    line.addEventListener("pointermove", (event) => {
      const n = pointed(event);
      if (line.hasPointerCapture(event.pointerId)) go({ step: String(n + 1) });
      tell(n);
    });
    line.addEventListener("pointerleave", () => tell(shown));
    let shown = 0;
    function tell(n) {
      const step = steps[n];
      told.replaceChildren(`${ui.number(n + 1)} of ${ui.number(steps.length)}: `, ui.own(step.name, "name"), " ", ui.own(step.what), ` ${ui.span(step.took)}`);
    }
    return {
      element: h("section", { class: "times card", "aria-label": "Time line" }, line, axis,
        h("div", { class: "under" }, player, told, h("p", { class: "legend" }, legend("changes", "changes the page"), legend("looks", "looks"),
          steps.some((step) => step.error) && legend("bad", "failed"), bad(recording.console) > 0 && h("span", {}, h("i", { class: "error" }, "▲ "), "console error"),
          bad(recording.network) > 0 && h("span", {}, h("i", { class: "request" }, "◆ "), "failed request")))),
      show: (place) => {
        shown = place.step - 1;
        const step = steps[shown];
        line.setAttribute("aria-valuenow", String(place.step));
        line.setAttribute("aria-valuetext", `${place.step}: ${step.name} ${step.what}`);
        Object.assign(cursor.style, { left: `${(step.at / end) * 100}%`, width: `${Math.min(step.took / end, 1) * 100}%` });
        tell(shown);
      },
    };
  };
  const legend = (kind, word) => h("span", {}, svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, svg("rect", { class: kind, y: kind === "looks" ? 3 : 0, width: 12, height: kind === "looks" ? 6 : 12 })), word);
})();
