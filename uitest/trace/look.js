// One look at a page: (element or null, JSON of what is wanted) => JSON. It reads and changes nothing.
(element, given) => {
  const {whole, origin, seen, said, limit} = JSON.parse(given);
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
  const loaded = timeline.getEntriesByType("resource"), lines = view.__uitestConsole || [];
  const requests = loaded.slice(another || seen > loaded.length ? 0 : seen);
  if (another) requests.unshift(...timeline.getEntriesByType("navigation"));
  const found = {
    origin: timeline.timeOrigin,
    seen: loaded.length,
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

  // Copies live in a document without a window: nothing in them loads, runs or is upgraded.
  const inert = document.implementation.createHTMLDocument("");
  const REMOVED = /^(script|noscript|base|link)$/, FRAME = /^(i?frame|object|embed|portal)$/;

  const textOf = sheet => {
    let rules;
    try { rules = sheet.disabled ? [] : sheet.cssRules; } catch { return ""; }  // another origin's
    let text = "";
    for (const rule of rules) {
      text += (rule.styleSheet ? textOf(rule.styleSheet) : rule.cssText) + "\n";
      if (text.length > limit) break;
    }
    const media = sheet.media && sheet.media.mediaText;
    return media && text ? `@media ${media} {\n${text}}` : text;
  };
  const stylesOf = root => [...root.styleSheets, ...(root.adoptedStyleSheets || [])].map(textOf).filter(Boolean);

  const set = (target, name, on) => on ? target.setAttribute(name, "") : target.removeAttribute(name);

  // What the page made of an element, written into its copy; true if the copy shall go.
  const dress = (from, to) => {
    const name = from.localName;
    if (REMOVED.test(name) || name === "meta" && to.hasAttribute("http-equiv")) return true;
    for (const {name: attribute, value} of [...to.attributes])
      if (/^on/i.test(attribute) || /^\s*javascript:/i.test(value)) to.removeAttribute(attribute);
    if (FRAME.test(name)) ["src", "srcdoc", "data"].forEach(attribute => to.removeAttribute(attribute));
    else if (name === "style") to.textContent = "";
    else if (name === "template") to.content.replaceChildren();
    else if (name === "textarea") to.textContent = from.value;
    else if (name === "option") set(to, "selected", from.selected);
    else if (name === "input") {
      if (/^(checkbox|radio)$/.test(from.type)) set(to, "checked", from.checked);
      else if (from.type !== "file") to.setAttribute("value", from.type === "password" && from.value ? DOTS : from.value);
    }
    if (from.shadowRoot) {
      const shadow = inert.createElement("template"), styles = inert.createElement("style");
      shadow.setAttribute("shadowrootmode", "open");
      styles.textContent = stylesOf(from.shadowRoot).join("\n");
      shadow.content.append(styles, copyOf(from.shadowRoot));
      to.prepend(shadow);
    }
    return false;
  };

  const copyOf = root => {
    const copy = inert.createDocumentFragment();
    for (const child of root.childNodes) copy.append(inert.importNode(child, true));
    const originals = root.querySelectorAll("*"), copies = [...copy.querySelectorAll("*")];
    copies.filter((to, at) => dress(originals[at], to)).forEach(to => to.remove());
    return copy;
  };

  const root = document.documentElement, copy = root && copyOf({
    childNodes: [root],
    querySelectorAll: () => [root, ...root.querySelectorAll("*")],
  }).firstElementChild;
  const html = copy ? copy.outerHTML : "", styles = stylesOf(document);
  let room = limit;
  const css = styles.map(text => { const kept = text.slice(0, room); room -= kept.length; return kept; }).filter(Boolean);
  return JSON.stringify({
    ...found,
    url: document.URL,
    title: document.title,
    html: html.slice(0, limit),
    css,
    short: html.length > limit || css.join("") !== styles.join(""),
    scroll: [view.scrollX, view.scrollY].map(rounded),
    size: [view.innerWidth, view.innerHeight],
  });
}
