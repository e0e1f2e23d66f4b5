// One look at a page: (element or null, JSON of what is wanted) => JSON. Nothing in the page is changed.
(element, given) => {
  const {whole, apart, origin, seen, said, limit} = JSON.parse(given);
  const DOTS = "••••••••";

  let view = window;
  try { if (window.top.document) view = window.top; } catch { /* a frame of another origin is all there is to see */ }
  const document = view.document;

  const rounded = number => Math.round(number * 10) / 10;

  // In the top window's pixels, out of however many frames.
  const boxOf = target => {
    let {x, y, width, height} = target.getBoundingClientRect();
    for (let inner = target.ownerDocument.defaultView; inner && inner !== view; inner = inner.parent) {
      const frame = inner.frameElement, outer = frame.getBoundingClientRect();
      x += outer.x + frame.clientLeft;
      y += outer.y + frame.clientTop;
    }
    return [x, y, width, height].map(rounded);
  };

  const timeline = view.performance, another = timeline.timeOrigin !== origin;
  const lines = view.__uitestConsole || [];
  // They are in the order in which they began, and told of when they are over: a second's worth is told of twice.
  const isNews = entry => another || entry.startTime + entry.duration >= seen - 1000;
  const requests = timeline.getEntriesByType("resource").filter(isNews);
  if (another) requests.unshift(...timeline.getEntriesByType("navigation"));
  const found = {
    origin: timeline.timeOrigin,
    seen: timeline.now(),
    said: lines.length,
    requests: requests.slice(-300).map(entry => [
      Math.round(entry.startTime), Math.round(entry.duration), entry.responseStatus || 0, entry.transferSize || 0,
      entry.initiatorType, entry.name.slice(0, 2000)]),
    lines: lines.slice(another ? 0 : said).slice(-300),
    box: element && boxOf(element),
    secret: element && element.localName === "input" && element.type === "password",
    hidden: document.hidden,
  };
  if (!whole) return JSON.stringify(found);

  // A sheet's text is kept where nobody else sees it, until its number of rules is another one.
  const kept = apart ? globalThis.uitestSheets ??= new WeakMap() : new WeakMap();
  const rulesOf = sheet => {
    let rules;
    try { rules = sheet.cssRules; } catch { return ""; }  // another origin's
    const known = kept.get(sheet);
    if (known && known.count === rules.length) return known.text;
    let text = "";
    for (const rule of rules) {
      text += (rule.styleSheet ? textOf(rule.styleSheet) : rule.cssText) + "\n";
      if (text.length > limit) break;
    }
    kept.set(sheet, {count: rules.length, text});
    return text;
  };
  const textOf = sheet => {
    const text = sheet.disabled ? "" : rulesOf(sheet), media = sheet.media && sheet.media.mediaText;
    return media && text ? `@media ${media} {\n${text}}` : text;
  };
  const stylesOf = root => [...root.styleSheets, ...(root.adoptedStyleSheets || [])].map(textOf).filter(Boolean);

  // Copies live in a document without a window: nothing in them loads, runs or is upgraded.
  const inert = document.implementation.createHTMLDocument("");
  const copyOf = root => {
    const copy = inert.createElement("div");
    for (const child of root.childNodes) copy.append(inert.importNode(child, true));
    // The same search finds the same elements in both, in the same order.
    const each = (selector, dress) => {
      const originals = root.querySelectorAll(selector);
      copy.querySelectorAll(selector).forEach((to, at) => dress(to, originals[at]));
    };
    const set = (to, name, on) => on ? to.setAttribute(name, "") : to.removeAttribute(name);

    each("input:not([type=file i])", (to, {type, value, checked}) => {
      if (type === "checkbox" || type === "radio") set(to, "checked", checked);
      else to.setAttribute("value", type === "password" && value ? DOTS : value);
    });
    each("textarea", (to, {value}) => { to.textContent = value; });
    each("option", (to, {selected}) => set(to, "selected", selected));
    const hosts = [...root.querySelectorAll("*")].map((from, at) => from.shadowRoot && [from.shadowRoot, at]).filter(Boolean);
    if (hosts.length) {
      const copies = copy.querySelectorAll("*");
      for (const [shadow, at] of hosts) {
        const template = inert.createElement("template"), style = inert.createElement("style");
        template.setAttribute("shadowrootmode", "open");
        style.textContent = stylesOf(shadow).join("\n");
        template.content.append(style, ...copyOf(shadow).childNodes);
        copies[at].prepend(template);
      }
    }
    // From here on the copy differs.
    copy.querySelectorAll("template:not([shadowrootmode])").forEach(to => to.content.replaceChildren());
    copy.querySelectorAll("style").forEach(to => { to.textContent = ""; });
    copy.querySelectorAll("script, noscript, base, link, meta[http-equiv]").forEach(to => to.remove());
    for (const name of ["src", "srcdoc", "data"])
      copy.querySelectorAll(`:is(iframe, frame, object, embed)[${name}]`).forEach(to => to.removeAttribute(name));
    for (const name of ["href", "action", "formaction"])
      copy.querySelectorAll(`[${name}*="javascript:" i]`).forEach(to => to.removeAttribute(name));
    const handlers = inert.evaluate(".//@*[starts-with(name(), 'on') or starts-with(name(), 'ON')]", copy, null, 7, null);
    for (let at = 0; at < handlers.snapshotLength; at++) {
      const handler = handlers.snapshotItem(at);
      handler.ownerElement.removeAttributeNode(handler);
    }
    return copy;
  };

  const root = document.documentElement, html = root ? copyOf({
    childNodes: [root],
    querySelectorAll: selector => [...(root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)],
  }).innerHTML : "";
  const styles = stylesOf(document);
  let room = limit;
  const css = styles.map(text => { const part = text.slice(0, room); room -= part.length; return part; }).filter(Boolean);
  return JSON.stringify({
    ...found,
    url: document.URL,
    title: document.title,
    html: html.slice(0, limit),
    css,
    short: html.length > limit || css.length < styles.length || room <= 0,
    scroll: [view.scrollX, view.scrollY].map(rounded),
    size: [view.innerWidth, view.innerHeight],
  });
}
