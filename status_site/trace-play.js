// Plays a trace: its steps one after another, at the pace of the case.
"use strict";
(() => {
  const LONGEST_S = 1; // a wait takes no longer than this
  const SHORTEST_S = 0.2; // a step that changes the page can be seen

  // For each step the second of the film at which it is shown.
  ui.playTimes = (steps) => {
    let at = 0;
    return steps.map((step, n) => {
      if (n > 0) at += Math.min(Math.max(step.at - steps[n - 1].at, step.changes ? SHORTEST_S : 0), LONGEST_S);
      return at;
    });
  };

  // `show` is called with the index of each step that is reached. A film at its end begins again.
  ui.tracePlayer = (steps, show) => {
    const times = ui.playTimes(steps);
    const word = ui.h("span", {});
    const button = ui.h("button", { type: "button", class: "quiet play", onclick: () => toggle() }, word);
    let frame = null;
    let at = 0;
    function say() {
      word.textContent = frame === null ? "▶ Play" : "❚❚ Pause";
    }
    function stop() {
      cancelAnimationFrame(frame);
      frame = null;
      say();
    }
    function toggle() {
      if (frame !== null) return stop();
      if (at === steps.length - 1) show((at = 0));
      const began = performance.now() - times[at] * 1000;
      const draw = () => {
        const seconds = (performance.now() - began) / 1000;
        let next = at;
        while (next < steps.length - 1 && times[next + 1] <= seconds) next += 1;
        if (next !== at) show((at = next));
        if (at === steps.length - 1) return stop();
        frame = requestAnimationFrame(draw);
      };
      frame = requestAnimationFrame(draw);
      say();
    }
    say();
    return { element: button, toggle, stop, isPlaying: () => frame !== null, stand: (n) => { at = n; } };
  };
})();
