// Search in a trace: the steps and the requests that hold all words of a text.
"use strict";
(() => {
  // Null for a text without words. A request leads to the step during which it was sent.
  const told = (details) => (details ? [details.method, details.problem, ...details.sent.flat(), details.sentBody, ...details.received.flat(), details.receivedBody] : []);
  ui.traceFind = (recording, text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const holds = (parts) => {
      const all = parts.join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    };
    const own = new Set([...recording.steps.keys()].filter((n) => {
      const { name, command, what, given, result, error, by } = recording.steps[n];
      return holds([name, command, what, given, result, error, by]);
    }));
    const requests = new Set(recording.network.filter((one) => holds([one.status || "", one.kind, one.url, ...told(one.details)])));
    return { own, requests, steps: new Set([...own, ...[...requests].map((one) => one.step)]) };
  };
})();
