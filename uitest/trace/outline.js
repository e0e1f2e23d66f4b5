// The accessibility tree of a page: (element, JSON of limits) => JSON lists of [depth, role, name, states, value].
// Roles and names are those that HTML gives its elements, as no driver offers the browser's own tree. Nothing is changed.
(element, given) => {
  const {nodes, characters} = JSON.parse(given);
  const DOTS = "••••••••";
  let view = window;
  try { if (window.top.document) view = window.top; } catch { /* a frame of another origin is all there is to see */ }

  const INPUTS = {button: "button", submit: "button", reset: "button", image: "button", checkbox: "checkbox", radio: "radio",
    range: "slider", number: "spinbutton", search: "searchbox", file: "button"};
  const ROLES = {A: "link", AREA: "link", BUTTON: "button", TEXTAREA: "textbox", OPTION: "option", IMG: "img", SVG: "img", NAV: "navigation",
    MAIN: "main", HEADER: "banner", FOOTER: "contentinfo", ASIDE: "complementary", ARTICLE: "article", UL: "list", OL: "list", LI: "listitem",
    TABLE: "table", TR: "row", TD: "cell", TH: "columnheader", DIALOG: "dialog", FIELDSET: "group", DETAILS: "group", SUMMARY: "button",
    PROGRESS: "progressbar", METER: "meter", OUTPUT: "status", HR: "separator", P: "paragraph", IFRAME: "iframe", FORM: "form", SECTION: "region"};
  const FROM_CONTENT = new Set(["link", "button", "heading", "option", "cell", "columnheader", "rowheader", "checkbox", "radio", "tab", "menuitem", "switch", "treeitem", "tooltip"]);
  const FIELDS = new Set(["textbox", "searchbox", "combobox", "spinbutton", "slider"]);
  const NAMED_ONLY = new Set(["form", "region"]);

  const roleOf = target => {
    const own = (target.getAttribute("role") || "").trim().split(/\s+/)[0];
    if (own) return own === "presentation" || own === "none" ? "" : own;
    const tag = target.localName.toUpperCase();
    if (/^H[1-6]$/.test(tag)) return "heading";
    if (tag === "A" || tag === "AREA") return target.hasAttribute("href") ? "link" : "";
    if (tag === "IMG" && target.getAttribute("alt") === "") return "";
    if (tag === "SELECT") return target.multiple || target.size > 1 ? "listbox" : "combobox";
    if (tag === "INPUT") return target.type === "hidden" ? "" : target.list ? "combobox" : INPUTS[target.type] || "textbox";
    if ((tag === "HEADER" || tag === "FOOTER") && target.closest("article, aside, main, nav, section")) return "";
    return ROLES[tag] || (target.isContentEditable && !target.parentElement?.isContentEditable ? "textbox" : "");
  };
  const isHidden = target => {
    if (target.getAttribute("aria-hidden") === "true" || target.hidden || target.inert) return true;
    if (/^(script|style|noscript|template|head|title|meta|link)$/.test(target.localName)) return true;
    return target.ownerDocument.defaultView.getComputedStyle(target).display === "none";
  };
  const isInvisible = target => target.ownerDocument.defaultView.getComputedStyle(target).visibility !== "visible";
  const childrenOf = target => {
    if (target.shadowRoot) return target.shadowRoot.childNodes;
    if (target.localName === "slot" && target.assignedNodes) {
      const assigned = target.assignedNodes({flatten: true});
      return assigned.length ? assigned : target.childNodes;
    }
    if (target.localName === "iframe" || target.localName === "frame") {
      try { return target.contentDocument.body.childNodes; } catch { return []; }
    }
    return target.childNodes;
  };
  const textOf = (target, depth = 0) => {
    if (depth > 50) return "";
    let text = "";
    for (const child of childrenOf(target)) {
      if (child.nodeType === 3) text += child.data;
      else if (child.nodeType === 1 && !isHidden(child)) {
        const part = child.getAttribute("aria-label") || child.getAttribute("alt") || textOf(child, depth + 1);
        const inline = /^inline/.test(child.ownerDocument.defaultView.getComputedStyle(child).display);
        text += inline ? part : ` ${part} `;
      }
      if (text.length > characters) break;
    }
    return text;
  };
  const nameOf = (target, role) => {
    const ids = (target.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const labelled = ids.map(id => target.getRootNode().getElementById?.(id)).filter(Boolean).map(one => textOf(one)).join(" ");
    const labels = target.labels ? [...target.labels].map(one => textOf(one)).join(" ") : "";
    const given = target.localName === "input" && INPUTS[target.type] === "button" ? target.value || target.alt : "";
    const part = {fieldset: "legend", table: "caption", figure: "figcaption"}[target.localName];
    const inner = part && target.querySelector(`:scope > ${part}`);
    return labelled.trim() || target.getAttribute("aria-label") || labels.trim() || given || target.getAttribute("alt") || (inner && textOf(inner)) ||
      (FROM_CONTENT.has(role) ? textOf(target) : "") || target.getAttribute("title") || target.getAttribute("placeholder") || "";
  };
  const statesOf = (target, role) => {
    const states = [];
    const said = (name, on) => { if (on) states.push(name); };
    const aria = name => target.getAttribute(`aria-${name}`);
    said("checked", target.checked === true && /checkbox|radio|switch/.test(role) || aria("checked") === "true");
    said("disabled", target.disabled === true || aria("disabled") === "true");
    said("expanded", target.open === true || aria("expanded") === "true");
    said("collapsed", aria("expanded") === "false");
    said("selected", role === "option" && target.selected === true || aria("selected") === "true");
    said("pressed", aria("pressed") === "true");
    said("required", target.required === true);
    said("invalid", aria("invalid") === "true" || (FIELDS.has(role) && target.validity && !target.validity.valid));
    said("focused", target === target.getRootNode().activeElement);
    said(`level=${aria("level") || target.localName.slice(1)}`, role === "heading");
    return states;
  };
  const valueOf = (target, role) => {
    if (target.localName === "input" && target.type === "password") return target.value ? DOTS : "";
    if (target.localName === "select") return [...target.selectedOptions].map(one => one.text).join(", ");
    if (FIELDS.has(role)) return String(target.value ?? textOf(target));
    return "";
  };

  const lines = [];
  let size = 0, isCut = false;
  const add = line => {
    if (lines.length >= nodes || size > characters) { isCut = true; return; }
    size += line[2].length + line[4].length;
    lines.push(line);
  };
  const walk = (target, depth) => {
    let text = "";
    const flush = () => { if (text.trim()) add([depth, "text", "", [], text]); text = ""; };
    for (const child of childrenOf(target)) {
      if (isCut) return;
      if (child.nodeType === 3) { if (target.nodeType !== 1 || !isInvisible(target)) text += child.data; continue; }
      if (child.nodeType !== 1 || isHidden(child)) continue;
      const role = roleOf(child), name = role && !isInvisible(child) ? nameOf(child, role) : "";
      if (!role || isInvisible(child) || (NAMED_ONLY.has(role) && !name)) { flush(); walk(child, depth); continue; }
      flush();
      add([depth, role, name, statesOf(child, role), valueOf(child, role)]);
      const isSaid = FROM_CONTENT.has(role) && !child.querySelector("a, button, input, select, textarea, img, [role]");
      if (!isSaid && !FIELDS.has(role) && role !== "img" && role !== "listbox") walk(child, depth + 1);
    }
    flush();
  };
  if (view.document.body) walk(view.document.body, 0);
  return JSON.stringify({lines, isCut});
}
