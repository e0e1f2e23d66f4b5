// The list to review first: new failures, then flaky cases, then known failures.
"use strict";
(() => {
  const { h } = ui;
  const SHOWN = 3;
  const MOST = 50;

  // A job that failed alike, with its own error where the words differ from those above it.
  function line(job, view, above) {
    return h("li", {},
      ui.chip(job.o),
      h("a", { class: "open name", href: ui.address({ job: job.k }) }, ui.own(view.modules[job.m].name), " › ", ui.own(job.c)),
      h("span", { class: "muted" }, view.browsers[job.b], ui.took(job) === null ? "" : ` · ${ui.span(ui.took(job))}`,
        job.a?.length > 1 ? ` · ${ui.counted(job.a.length, "attempt")}` : ""),
      ui.strip(job.h),
      job.x && job.x !== above && h("p", { class: "error", dir: "auto", title: job.x }, job.x));
  }

  // Drawn when it is opened, or for the printer. What the reader has opened stays open when the page is drawn again.
  const opened = new Set();
  function more(jobs, view, above) {
    const key = jobs[0].k;
    const found = h("details", { class: "more" }, h("summary", {}, `${jobs.length} more`));
    const fill = () => {
      if (found.childElementCount < 2) found.append(h("ul", { class: "jobs" }, jobs.map((job) => line(job, view, above))));
    };
    found.addEventListener("toggle", () => {
      if (found.open) opened.add(key);
      else opened.delete(key);
      fill();
    });
    found.addEventListener("uitest-print", () => {
      found.open = true;
      fill();
    });
    if (opened.has(key)) {
      found.open = true;
      fill();
    }
    return found;
  }
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details.more")) one.dispatchEvent(new Event("uitest-print"));
  });

  // Jobs that fail alike form one group.
  function group(jobs, view) {
    const error = jobs.find((job) => job.x)?.x ?? "no error was reported";
    const rest = jobs.slice(SHOWN, MOST);
    const browsers = [...new Set(jobs.map((job) => view.browsers[job.b]))];
    return h("article", { class: "matter" },
      h("p", { class: "error", dir: "auto", title: error }, error),
      jobs[0].f && h("p", { class: "muted" }, "at ", ui.own(jobs[0].f, "id")),
      jobs.length > 1 && h("p", { class: "muted" }, `${ui.counted(jobs.length, "job")} in ${browsers.join(", ")}`),
      h("ul", { class: "jobs" }, jobs.slice(0, SHOWN).map((job) => line(job, view, error))),
      rest.length > 0 && more(rest, view, error),
      jobs.length > MOST && h("p", { class: "muted" }, `and ${ui.number(jobs.length - MOST)} others in the list of all cases`));
  }

  // Jobs in groups that failed alike, the largest first.
  function grouped(jobs) {
    const groups = new Map();
    for (const job of jobs) {
      const key = job.e ?? `${job.o}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(job);
    }
    return [...groups.values()].sort((one, other) => other.length - one.length);
  }
  // New failures, flaky jobs, known failures.
  const parts = (jobs) => {
    const bad = jobs.filter((job) => ui.BAD.has(job.o));
    return [bad.filter((job) => job.n), jobs.filter((job) => job.o === "flaky"), bad.filter((job) => !job.n)];
  };
  // The jobs to review in the order of the page.
  ui.reviewed = (jobs) => parts(jobs).flatMap((some) => grouped(some).flat());

  function part(id, title, told, jobs, view) {
    if (!jobs.length) return null;
    const sorted = grouped(jobs);
    return h("section", { id, class: "review", "aria-labelledby": `${id}-title` },
      h("h2", { id: `${id}-title` }, title, " ", h("small", {}, `${ui.number(jobs.length)}${told}`)),
      sorted.slice(0, MOST).map((found) => group(found, view)),
      sorted.length > MOST && h("p", { class: "muted" }, `and ${ui.counted(sorted.length - MOST, "other error")}`));
  }

  ui.review = (view, jobs) => {
    const [fresh, flaky, known] = parts(jobs);
    const compared = view.past.length > 0;
    if (!fresh.length && !flaky.length && !known.length) {
      const waits = jobs.length < view.jobs.length ? "Nothing to review among these." : view.active ? "Nothing to review so far." : "Nothing to review.";
      return [h("section", { class: "review" }, h("h2", {}, "Needs review"), h("p", { class: "calm" }, waits))];
    }
    return [
      part("new", compared ? "New failures" : "Failures", compared ? " that did not fail before" : "", fresh, view),
      part("flaky", "Flaky", " that passed only after failing", flaky, view),
      part("known", "Known failures", " that failed before as well", known, view),
    ];
  };
})();
