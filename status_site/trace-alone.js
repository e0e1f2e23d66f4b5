// A page that contains one trace only.
"use strict";
(() => {
  const main = document.getElementById("main");
  let found;
  try {
    found = { recording: ui.recording(ui.data.trace) };
  } catch (error) {
    found = { why: error.message };
  }
  const name = found.recording?.case || "Trace";
  main.replaceChildren(ui.traceView("alone", found, [ui.h("h1", {}, ui.own(name)), found.recording?.browser && ui.h("p", { class: "muted" }, ui.own(found.recording.browser))]));
  ui.traceRead();
  addEventListener("hashchange", ui.traceRead);
  ui.keyboard(ui.traceKeys);
})();
