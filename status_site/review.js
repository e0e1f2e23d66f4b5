// What to review first: the groups of a comparison with the base; without a base new failures, flaky cases, known failures.
"use strict";
(() => {
  const { h } = ui;
  const SHOWN = 3;
  const MOST = 50;

  // What the quarantine says about a job; the address at its end is a link.
  ui.quarantined = ({ q: [told, href] = [] }) => (href ? [told.slice(0, -href.length), h("a", { href, rel: "noopener noreferrer" }, href)] : told);

  // The earlier run that met the same error; pages of older versions do not have it.
  ui.sameAs = (job, view) => {
    const run = view.same_runs?.[view.same_as?.[job.e]];
    if (!run) return null;
    const name = ui.own(run.id, "id");
    return h("span", { class: "same" }, "same as in ", run.folder && !ui.embedded ? h("a", { href: `${ui.root}${run.folder}/index.html` }, name) : name, run.branch && [" of ", ui.own(run.branch, "id")]);
  };

  // A job that failed alike, with its own error where the words differ from those above it.
  function line(job, view, above) {
    return h("li", {},
      ui.chip(job.o),
      h("a", { class: "open name", href: ui.address({ job: job.k }) }, ui.own(view.modules[job.m].name), " › ", ui.own(job.c)),
      h("span", { class: "muted" }, view.browsers[job.b], ui.took(job) === null ? "" : ` · ${ui.span(ui.took(job))}`,
        job.a?.length > 1 ? ` · ${ui.counted(job.a.length, "attempt")}` : ""),
      h("span", { class: "muted note", dir: "auto" }, job.w, job.w && job.q && "; ", ui.quarantined(job)), view.base ? ui.strip(job.s, null, ` of ${view.base.branch}`) : ui.strip(job.h),
      job.x && job.x !== above && h("p", { class: "error", dir: "auto", title: job.x }, job.x));
  }

  // Drawn when it is opened, or for the printer. What the reader has opened stays open when the page is drawn again.
  const opened = new Set();
  function more(jobs, view, above) {
    const key = jobs[0].k;
    const found = h("details", { class: "more" }, h("summary", {}, `${jobs.length} more`));
    const fill = () => {
      if (found.childElementCount > 1) return;
      const list = h("ul", { class: "jobs" });
      found.append(list, ui.inPortions(list, jobs, MOST, (job) => line(job, view, above)));
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
    for (const selector of ["details.group", "details.more"]) { // the first draw the second
      for (const one of document.querySelectorAll(selector)) one.dispatchEvent(new Event("uitest-print"));
    }
  });

  // The screenshot of the first job that has one, fetched when it comes into view. Without any, its place stays: what
  // the reader is about to click must not move.
  function picture(jobs, view) {
    const frame = h("div", { class: "peek" });
    const missing = () => frame.replaceChildren(h("p", { class: "missing muted" }, "no picture"));
    function fill(left) {
      const [job, ...others] = left;
      if (!job) {
        missing();
        return;
      }
      const detail = ui.detailOf(job, () => fill(left));
      if (job.d && !detail) return;
      for (const [number] of [...(job.a ?? [])].reverse()) {
        const image = detail?.[number]?.files.find((one) => one.kind === "image");
        if (!image) continue;
        const told = `Screenshot of ${job.c} in ${view.browsers[job.b]}, attempt ${number}`;
        const shot = h("img", { src: image.data ?? image.href, alt: told, title: told, onerror: missing });
        frame.replaceChildren(h("a", { href: ui.address({ job: job.k, a: String(number) }) }, shot));
        return;
      }
      fill(others);
    }
    const observer = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      observer.disconnect();
      fill(jobs);
    }, { rootMargin: "400px" });
    observer.observe(frame);
    return frame;
  }

  // What the traces of jobs that failed alike have in common. They are fetched when the reader asks for it.
  const COMPARED = 5;
  function common(jobs, view) {
    const place = h("p", { class: "common" });
    const word = "Compare their traces";
    function tell(said) {
      place.replaceChildren(...[said].flat());
    }
    function collect() {
      const details = jobs.map((job) => ui.detailOf(job, collect));
      const parts = ui.traceParts(collect);
      if (!parts || details.includes(undefined)) return;
      const files = details.map((detail, n) => (jobs[n].a ?? []).map(([number]) => ui.traceFile(detail[number])).findLast(Boolean)).filter(Boolean);
      const found = parts.here ? files.map((file) => ui.recordingOf(file, collect)) : [];
      if (found.includes(null)) return;
      const recordings = found.map((one) => one.recording).filter(Boolean);
      if (recordings.length < 2) return tell("Fewer than two of them have a trace that can be read.");
      const met = ui.metByAll(recordings);
      tell(met.length ? [`All ${recordings.length} compared have: `, ui.own(met.join("; "))] : `The ${recordings.length} compared have no failed request and no console error in common.`);
    }
    place.append(h("button", { type: "button", class: "quiet", onclick: () => {
      tell("Reading their traces …");
      collect();
    } }, word));
    return place;
  }

  // Jobs that failed alike, or that did not fail, form one group.
  function group(jobs, view) {
    const error = jobs.find((job) => job.x)?.x ?? (ui.BAD.has(jobs[0].o) ? "no error was reported" : null);
    const rest = jobs.slice(SHOWN);
    const browsers = [...new Set(jobs.map((job) => view.browsers[job.b]))];
    const detailed = jobs.filter((job) => job.d);
    const others = view.error_ids && jobs[0].e !== undefined && !ui.embedded && h("a", { href: `${ui.root}index.html#error=${view.error_ids[jobs[0].e]}` }, "This error in other runs");
    const elsewhere = [ui.sameAs(jobs[0], view), others].filter(Boolean);
    const pictured = error && jobs.filter((job) => job.d).slice(0, SHOWN);
    return h("article", { class: `matter ${jobs[0].o}` },
      h("div", { class: "beside" },
        h("div", { class: "failure" },
          error && h("p", { class: "error", dir: "auto", title: error }, error),
          jobs[0].f && h("p", { class: "muted" }, "at ", ui.own(jobs[0].f, "id")),
          elsewhere.length > 0 && h("p", { class: "muted" }, elsewhere[0], elsewhere.length > 1 && " · ", elsewhere[1]),
          jobs.length > 1 && h("p", { class: "muted" }, `${ui.counted(jobs.length, "job")} in ${browsers.join(", ")}`),
          error && detailed.length > 1 && common(detailed.slice(0, COMPARED), view),
          h("ul", { class: "jobs" }, jobs.slice(0, SHOWN).map((job) => line(job, view, error)))),
        pictured?.length > 0 && picture(pictured, view)),
      rest.length > 0 && more(rest, view, error));
  }

  // Jobs in groups that failed alike, the largest first; those that passed come last.
  function grouped(jobs) {
    const groups = new Map();
    for (const job of jobs) {
      const key = job.e ?? `${job.o}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(job);
    }
    const passed = ([job]) => job.o === "passed";
    return [...groups.values()].sort((one, other) => passed(one) - passed(other) || other.length - one.length);
  }
  // Without a base: new failures, flaky jobs, known failures.
  const parts = (jobs) => {
    const bad = jobs.filter((job) => ui.BAD.has(job.o));
    return [bad.filter((job) => job.n), jobs.filter((job) => job.o === "flaky"), bad.filter((job) => !job.n)];
  };
  // With a base: its groups. What failed comes first in each.
  const compared = (view, jobs) => view.base.groups.map(([name]) => {
    const members = jobs.filter((job) => job.g === name);
    return [...members.filter((job) => ui.BAD.has(job.o)), ...members.filter((job) => !ui.BAD.has(job.o))];
  });
  // What is excused, and what passed so often that its quarantine can be released.
  const quarantined = (jobs) => jobs.filter((job) => job.o === "quarantined" || (job.q && job.o === "passed"));
  // The jobs to review in the order of the page.
  ui.reviewed = (view, jobs) => [...(view.base ? compared(view, jobs) : parts(jobs)), quarantined(jobs)].flatMap((some) => grouped(some).flat());

  const matters = (jobs, view) => {
    const list = h("div", { class: "matters" });
    return [list, ui.inPortions(list, grouped(jobs), MOST, (found) => group(found, view), "error")];
  };

  function part(id, title, told, jobs, view) {
    if (!jobs.length) return null;
    return h("section", { id, class: "review", "aria-labelledby": `${id}-title` },
      h("h2", { id: `${id}-title` }, title, " ", h("small", {}, told)), matters(jobs, view));
  }

  // One group of the comparison. Its content is drawn when it is opened; what the reader opens or closes stays so.
  const chosen = new Map();
  function compareGroup(name, title, jobs, view, isFirst) {
    if (!jobs.length) return h("p", { class: `group none ${name}` }, h("span", { class: "title" }, title), " ", h("small", {}, "none"));
    const counts = {};
    for (const job of jobs) counts[job.o] = (counts[job.o] ?? 0) + 1;
    const body = h("div", { class: "body" });
    const summary = h("summary", {}, h("h3", { class: "title" }, title), h("b", { class: "number" }, ui.number(jobs.length)), Object.keys(counts).length > 1 && h("small", {}, ui.said(counts)));
    const found = h("details", { class: `group ${name}` }, summary, body);
    const fill = () => {
      if (found.open && !body.childElementCount) body.append(...matters(jobs, view));
    };
    summary.addEventListener("click", () => chosen.set(name, !found.open));
    found.addEventListener("toggle", fill);
    found.addEventListener("uitest-print", () => {
      found.open = true;
      fill();
    });
    found.open = chosen.get(name) ?? isFirst;
    fill();
    return found;
  }

  function comparison(view, jobs) {
    const { base } = view;
    const lists = compared(view, jobs);
    const first = lists.findIndex((some) => some.length);
    const place = [ui.own(base.branch, "id"), base.commit && [" at ", ui.commit(base)]];
    const run = base.folder && !ui.embedded ? h("a", { href: `${ui.root}${base.folder}/index.html` }, ui.own(base.id, "id")) : ui.own(base.id, "id");
    return h("section", { class: "review compared", "aria-labelledby": "compared-title" },
      h("h2", { id: "compared-title" }, "Compared with ", place, " ", h("small", {}, "run ", run, ", ", ui.when(base.started),
        base.folder && !ui.embedded && [", ", h("a", { href: ui.address({ compare: base.id }) }, "side by side")])),
      base.groups.map(([name, title], index) => compareGroup(name, title, lists[index], view, index === first)));
  }

  function quarantine(view, jobs) {
    const listed = quarantined(jobs);
    const due = listed.filter((job) => job.o === "passed").length;
    const excused = listed.length - due;
    const told = [excused && `${ui.counted(excused, "known failure")} that ${excused === 1 ? "does" : "do"} not make the run red`, due && `${ui.counted(due, "job")} to release`];
    return part("quarantine", "Quarantine", told.filter(Boolean).join(", "), listed, view);
  }

  ui.review = (view, jobs) => {
    if (view.base) return [comparison(view, jobs), quarantine(view, jobs)];
    const [fresh, flaky, known] = parts(jobs);
    const hasPast = view.past.length > 0;
    const noBase = view.compared && h("p", { class: "muted no-base" }, view.compared);
    if (!fresh.length && !flaky.length && !known.length) {
      const waits = jobs.length < view.jobs.length ? "Nothing to review among these." : view.active ? "Nothing to review so far." : "Nothing to review.";
      return [h("section", { class: "review" }, h("h2", {}, "Needs review"), h("p", { class: "calm" }, waits), noBase), quarantine(view, jobs)];
    }
    return [
      noBase,
      part("new", hasPast ? "New failures" : "Failures", `${ui.number(fresh.length)}${hasPast ? " that did not fail before" : ""}`, fresh, view),
      part("flaky", "Flaky", `${ui.number(flaky.length)} that passed only after failing`, flaky, view),
      part("known", "Known failures", `${ui.number(known.length)} that failed before as well`, known, view),
      quarantine(view, jobs),
    ];
  };
})();
