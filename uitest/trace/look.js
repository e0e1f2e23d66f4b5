// One look at a page: (element or null, JSON of what is wanted) => JSON. Nothing in the page is changed.
(element, given) => {
  const {whole, apart, origin, seen, said, limit, pictures} = JSON.parse(given);
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
      entry.initiatorType, entry.name.slice(0, 20_000)]),
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

  // What an image or a canvas shows, as an address by a name that depends on it alone. Null for a picture of another
  // origin, for one that is too big, and once this look has spent `pictures` milliseconds on them.
  const PICTURE_SIDE = 640, PICTURE_CHARACTERS = 60_000;
  const drawn = apart ? globalThis.uitestPictures ??= new WeakMap() : new WeakMap();
  const began = timeline.now(), images = {};
  const pictureOf = (source, key) => {
    const known = drawn.get(source);
    if (known && key && known.key === key) return known;
    if (timeline.now() - began >= pictures) return null;
    const result = {key, name: null, data: null};
    try {
      const {width, height} = source.getBoundingClientRect();
      const scale = Math.min(1, PICTURE_SIDE / Math.max(width, height));
      const canvas = source.ownerDocument.createElement("canvas");
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
      canvas.getContext("2d", {willReadFrequently: true}).drawImage(source, 0, 0, canvas.width, canvas.height);
      result.data = canvas.toDataURL("image/webp", 0.8);
      if (result.data.length > PICTURE_CHARACTERS) result.data = canvas.toDataURL("image/jpeg", 0.6);
      if (result.data.length <= PICTURE_CHARACTERS) {
        let hash = 2166136261;
        for (let at = 0; at < result.data.length; at++) hash = Math.imul(hash ^ result.data.charCodeAt(at), 16777619);
        result.name = `${(hash >>> 0).toString(16)}-${result.data.length}`;
      }
    } catch { /* another origin's */ }
    drawn.set(source, result);
    return result;
  };
  const shown = source => source.offsetWidth > 0 && source.offsetHeight > 0;
  const keep = (to, source, key) => {
    const picture = pictureOf(source, key);
    if (!picture || !picture.name) return false;
    images[picture.name] = picture.data;
    to.setAttribute("src", `uitest-picture:${picture.name}`);
    return true;
  };

  // Stands for a frame or a canvas in the copy, with its classes, its place and its size.
  const standIn = (from, kind, more = "") => {
    const host = inert.createElement(kind), style = from.ownerDocument.defaultView.getComputedStyle(from);
    for (const name of ["id", "class", "title", "aria-label"]) if (from.hasAttribute(name)) host.setAttribute(name, from.getAttribute(name));
    host.setAttribute("data-uitest-instead-of", from.localName);
    host.setAttribute("style", `${from.getAttribute("style") || ""};display:${style.display === "inline" ? "inline-block" : style.display};` +
      `width:${from.offsetWidth}px;height:${from.offsetHeight}px;box-sizing:border-box;overflow:hidden;border:${style.border};${more}`);
    return host;
  };
  const missing = (from, told) => {
    const host = standIn(from, "div", "border:1px dashed #888;background:#eee;color:#555;font:12px sans-serif");
    host.textContent = told;
    return host;
  };
  // A frame's page is in a shadow root, where its styles are its own; what its body inherits is on a wrapper.
  const frameOf = from => {
    let inside = null;
    try { inside = from.contentDocument; } catch { /* another origin's */ }
    const address = (from.getAttribute("src") || "").split(/[?#]/)[0];
    if (!inside || !inside.body) return missing(from, `Frame${address ? ` of ${address}` : ""}: its page is not in the snapshot`);
    const host = standIn(from, "div"), template = inert.createElement("template"), style = inert.createElement("style"), body = inert.createElement("div");
    const its = inside.defaultView.getComputedStyle(inside.body);
    template.setAttribute("shadowrootmode", "open");
    style.textContent = stylesOf(inside).join("\n");
    const scrolled = `margin-left:${-inside.defaultView.scrollX}px;margin-top:${-inside.defaultView.scrollY}px`;
    body.setAttribute("style", `${scrolled};padding:${its.margin};background:${its.background};color:${its.color};font:${its.font}`);
    body.append(...copyOf(inside.body).childNodes);
    template.content.append(style, body);
    host.append(template);
    return host;
  };

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
    const instead = [];
    each("iframe, frame", (to, from) => { if (shown(from)) instead.push([to, () => frameOf(from)]); });
    each("canvas", (to, from) => {
      if (!shown(from)) return;
      instead.push([to, () => {
        const picture = standIn(from, "img");
        return keep(picture, from, "") ? picture : missing(from, "Canvas: its picture is not in the snapshot");
      }]);
    });
    each("img", (to, from) => {
      if (!from.complete || !from.naturalWidth || !shown(from) || /^data:/i.test(from.currentSrc)) return;
      if (keep(to, from, `${from.currentSrc} ${from.offsetWidth} ${from.offsetHeight}`)) to.removeAttribute("srcset");
    });
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
    for (const [to, make] of instead) to.replaceWith(make());
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
    images,
    short: html.length > limit || css.length < styles.length || room <= 0,
    scroll: [view.scrollX, view.scrollY].map(rounded),
    size: [view.innerWidth, view.innerHeight],
  });
}
