// Small charts: bars of outcomes, strips of past outcomes, lines over runs, each with a text alternative.
"use strict";
(() => {
  const { svg } = ui;
  const ORDER = ["passed", "flaky", "skipped", "quarantined", "failed", "error", "lost", "cancelled", "running", "not_started"];

  ui.said = (counts) => ui.data.legend.filter(([name]) => counts[name])
    .map(([name, , , word]) => `${ui.number(counts[name])} ${word}`).join(", ") || "nothing yet";

  // Shares of all planned jobs; a few failures among thousands stay visible.
  ui.bar = (counts, planned) => {
    const found = ORDER.filter((name) => counts[name]);
    const sum = found.reduce((total, name) => total + counts[name], 0);
    const widths = found.map((name) => Math.max((100 * counts[name]) / Math.max(planned, sum, 1), 0.8));
    const scale = Math.min(1, 100 / widths.reduce((total, width) => total + width, 0));
    let x = 0;
    const parts = found.map((name, place) => {
      const width = widths[place] * scale;
      const part = svg("rect", { class: name, x: x.toFixed(3), width: width.toFixed(3), height: 4 });
      x += width;
      return part;
    });
    return svg("svg", { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", role: "img", "aria-label": ui.said(counts) }, parts);
  };

  // The last outcomes of a job, oldest first. Height repeats what colour says: full for green, half with a gap for red.
  const SHAPES = { p: [3, 11], y: [6, 8], s: [9, 3], q: [0, 8], f: [0, 14], e: [0, 14], l: [0, 14], c: [9, 3], r: [9, 3], n: [9, 3] };
  ui.lastOf = (strip, most = 20) =>
    [...(strip || "")].map((letter, place) => [letter, place]).filter(([letter]) => letter !== " ").slice(-most);
  ui.strip = (strip, hrefs = null, where = "") => {
    const last = ui.lastOf(strip);
    if (!last.length) return null;
    const bad = last.filter(([letter]) => "felq".includes(letter)).length;
    const flaky = last.filter(([letter]) => letter === "y").length;
    const told = `last ${ui.counted(last.length, "outcome")}${where}: ${bad} bad, ${flaky} flaky`;
    const bars = last.map(([letter, place], n) => {
      const [top, height] = SHAPES[letter];
      const outcome = ui.byLetter[letter];
      const rect = svg("rect", { class: outcome, x: n * 5, y: top, width: 4, height, rx: 1 });
      if (!hrefs) return rect;
      const name = `${ui.legend[outcome].word} in ${hrefs[place].id}`;
      return svg("a", { href: hrefs[place].href, "aria-label": name }, svg("title", {}, name), svg("rect", { class: "touch", x: n * 5, y: 0, width: 5, height: 14 }), rect);
    });
    const shape = { class: hrefs ? "strip big" : "strip", viewBox: `0 0 ${last.length * 5} 14`, width: last.length * 5, height: 14 };
    return svg("svg", { ...shape, role: hrefs ? "group" : "img", "aria-label": told }, hrefs ? null : svg("title", {}, told), bars);
  };

  // One number over the last runs, oldest first; `values` may hold null where a run has none.
  ui.line = (name, values, format, most = null) => {
    const known = values.filter((value) => value !== null);
    if (known.length < 2) return null;
    const [width, height, pad] = [240, 44, 3];
    const top = most ?? Math.max(...known, 1e-9);
    const low = most === null ? 0 : Math.min(...known, most * 0.98);
    const x = (place) => pad + (place / Math.max(values.length - 1, 1)) * (width - 2 * pad);
    const y = (value) => height - pad - ((value - low) / Math.max(top - low, 1e-9)) * (height - 2 * pad);
    const points = values.map((value, place) => (value === null ? null : [x(place), y(value)])).filter(Boolean);
    const path = points.map(([px, py], place) => `${place ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
    const [lastX, lastY] = points.at(-1);
    const told = `${name} of the last ${values.length} runs: from ${format(known[0])} to ${format(known.at(-1))}`;
    return ui.h("figure", { class: "line" },
      ui.h("figcaption", {}, name, ui.h("b", {}, format(known.at(-1)))),
      svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": told, preserveAspectRatio: "none" },
        svg("path", { class: "area", d: `${path}L${lastX} ${height}L${points[0][0]} ${height}Z` }),
        svg("path", { class: "stroke", d: path }),
        // A stroke instead of a circle, because the chart is stretched and strokes are not.
        svg("path", { class: "stroke last", d: `M${lastX} ${lastY}h0` })));
  };
})();
