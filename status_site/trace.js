// The trace viewer, one step at a time: its state in the address, its keys, its parts side by side.
"use strict";
(() => {
  const { h } = ui;
  const WRITE_AFTER_MS = 200;
  // The parameters of the address that belong to the trace; removed when it is left.
  ui.NO_TRACE = Object.fromEntries(["step", "look", "when", "pane", "only", "zoom", "find", "with"].map((name) => [name, null]));
  let open = null; // the trace that is on the page

  // `step=end`, like a number beyond the last step, means the end.
  function placeOf(recording) {
    const state = ui.state();
    const last = recording.steps.length;
    const step = /^\d+$/.test(state.get("step") ?? "") ? Math.min(Math.max(Number(state.get("step")), 1), last) : last;
    return { step, look: state.get("look"), when: state.get("when"), pane: state.get("pane"), only: state.get("only") === "1", zoom: state.get("zoom") === "1", find: state.get("find") ?? "" };
  }

  function told(recording) {
    const { steps, took, spent, cut } = recording;
    const share = took > 0 ? ` (${spent / took < 0.005 ? "less than 1" : Math.round((100 * spent) / took)} %)` : "";
    return [h("p", { class: "muted sums" }, `${ui.counted(steps.length, "step")} in ${ui.span(took)}`, spent > 0 && `, ${ui.span(spent)}${share} of it recording`),
      cut.length > 0 && h("details", { class: "cut" }, h("summary", {}, "! Not everything was recorded"), h("ul", {}, cut.map((sentence) => h("li", { dir: "auto" }, sentence))))];
  }

  function whole(recording, head) {
    // The address is written after a pause, since engines refuse a hundred changes within a few seconds.
    let waiting = null;
    let wanted = {};
    const write = () => {
      history.replaceState(null, "", ui.address(wanted));
      wanted = {};
    };
    function leave() {
      clearTimeout(waiting);
      wanted = {};
      player.stop();
    }
    let place = null;
    function go(changes) {
      player.stop();
      move(changes);
    }
    function move(changes) {
      wanted = { ...wanted, ...changes };
      const next = { ...place, ...changes };
      next.step = Number(next.step);
      next.only = next.only === true || next.only === "1";
      show(next);
      clearTimeout(waiting);
      waiting = setTimeout(write, WRITE_AFTER_MS);
    }
    function walk(by) {
      const { steps } = recording;
      const passedOver = (n) => (place.only && !steps[n].changes && !steps[n].error) || (hits && !hits.steps.has(n));
      let n = place.step - 1 + by;
      while (steps[n] && passedOver(n)) n += by;
      if (steps[n]) go({ step: String(n + 1) });
    }
    let hits = null;
    let sought = "";
    function find(text) {
      if (text === sought) return;
      sought = text;
      hits = ui.traceFind(recording, text);
    }
    // The first step that holds the text is shown while the reader types.
    function search(text) {
      find(text);
      const at = place.step - 1;
      const first = hits && !hits.steps.has(at) ? [...recording.steps.keys()].find((n) => hits.steps.has(n)) : undefined;
      go({ find: text, ...(first !== undefined && { step: String(first + 1) }) });
    }
    const player = ui.tracePlayer(recording.steps, (n) => move({ step: String(n + 1) }));
    // The address of the step that is shown, which the page's own address follows after a pause only.
    const link = () => new URL(ui.address({ ...wanted, step: String(place.step) }), location.href).href;
    const turn = (rel, word, by) => h("button", { type: "button", class: "quiet turn", "data-turn": rel, "aria-label": `${rel} step`, onclick: () => walk(by) }, word);
    const [before, after] = [turn("Previous", "‹", -1), turn("Next", "›", 1)];
    const count = h("span", { class: "count" });
    const name = h("span", { class: "is" });
    const film = ui.traceFilm(recording, go, player.element);
    const list = ui.traceSteps(recording, go, { find: search, next: () => walk(1) });
    const stage = ui.traceStage(recording, go);
    const facts = ui.traceFacts(recording, go);
    function show(next) {
      place = next;
      const step = recording.steps[place.step - 1];
      count.textContent = `${ui.number(place.step)} / ${ui.number(recording.steps.length)}`;
      name.replaceChildren(step.error ? "✗ " : "", ui.own(step.name, "name"), " ", ui.own(step.what));
      before.disabled = place.step === 1;
      after.disabled = place.step === recording.steps.length;
      player.stand(place.step - 1);
      find(place.find);
      for (const part of [film, list, stage, facts]) part.show(place, hits);
    }
    return {
      element: h("div", { class: "trace" },
        h("div", { class: "head" }, h("div", { class: "facts" }, head, told(recording)), h("div", { class: "shares" }, ui.copy(link, "Copy link"), ui.copy(() => ui.tracePrompt(recording), "Copy as a prompt")), h("div", { class: "turns" }, before, h("p", {}, count, name), after)),
        film.element, list.element, stage.element, facts.element),
      go,
      walk,
      play: player.toggle,
      search: list.search,
      last: recording.steps.length,
      read: () => {
        leave();
        show(placeOf(recording));
      },
      leave,
    };
  }

  // The parts are loaded when a trace is opened. Returns whether they are loaded; `done` is called afterwards in any case.
  let asked = false;
  let missing = false;
  ui.traceParts = (done) => {
    const names = (document.body.dataset.later ?? "").split(" ").filter(Boolean);
    if (!asked && names.length) {
      const scripts = names.map((src) => Object.assign(document.createElement("script"), { src, async: false }));
      for (const script of scripts) script.addEventListener("error", () => { missing = true; });
      for (const end of ["load", "error"]) scripts.at(-1).addEventListener(end, done);
      document.head.append(...scripts);
    }
    asked = true;
    if (missing) return { why: "A part of this page could not be read; reload it." };
    return ui.traceFacts ? { here: true } : null;
  };

  const none = (head, said, link) => h("div", { class: "trace nothing" }, h("div", { class: "head" }, h("div", { class: "facts" }, head)), h("div", { class: "empty" }, h("p", {}, said), link && h("p", {}, link)));

  // The view of a recording or of the reason why it is missing, identified by `name`. Its element stays the same while
  // the same recording is shown, so that news of the run does not disturb the reader.
  ui.traceView = (name, found, head, link) => {
    const state = `${name} ${found === null ? "" : found.recording ? "recording" : found.why}`;
    if (open?.state !== state) {
      open?.leave?.();
      if (found === null) open = { element: none(head, "The trace is on its way.") };
      else if (found.why) open = { element: none(head, `This trace cannot be shown. ${found.why}`, link) };
      else if (!found.recording.steps.length) open = { element: none(head, "This trace has no steps: the case sent no command to its browser.", link) };
      else open = whole(found.recording, head);
      open.state = state;
    }
    return open.element;
  };
  // Draws what depends on being in the document, by the address.
  ui.traceRead = () => open?.read?.();
  ui.traceLeave = () => {
    open?.leave?.();
    open = null;
  };

  // Keys of the view. They do nothing while no trace is open, and do not interfere with a box that they scroll.
  const scrolls = (target) => Boolean(target.closest?.(".pane[tabindex], .desk"));
  const key = (label, what, act) => ({ label, what, act: (target) => (open?.go ? act(target) : false) });
  ui.traceKeys = {
    ArrowLeft: key("←", "trace: step before", () => open.walk(-1)),
    ArrowRight: key("→", "trace: step after", () => open.walk(1)),
    Home: key("Home", "trace: first step", (target) => (scrolls(target) ? false : open.go({ step: "1" }))),
    p: key("p", "trace: play or pause", () => open.play()),
    "/": key("/", "trace: find a step or request", () => open.search()),
    End: key("End", "trace: last step", (target) => (scrolls(target) ? false : open.go({ step: String(open.last) }))),
  };
})();
