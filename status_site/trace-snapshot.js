// A snapshot of a page in an inert frame, with four protections, each sufficient by itself: active content is removed; the
// frame runs no scripts (sandbox); its own policy allows no requests; it takes no clicks and no focus (inert).
"use strict";
(() => {
  const { h } = ui;
  const SHELL = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; font-src data:">`;
  const GONE = "script, noscript, base, link, meta, object, embed, applet, source, track";
  const FRAMES = new Set(["iframe", "frame", "fencedframe", "portal"]);
  const ADDRESSES = new Set(["href", "xlink:href", "src", "srcset", "poster", "background", "data", "action", "formaction", "ping", "srcdoc", "cite", "manifest", "longdesc", "lowsrc", "dynsrc"]);
  const HARMLESS = /^\s*(?:#|data:(?:image|font)\/)/i;
  // Stands for an image that is not in the snapshot, with its text or the name of its file.
  function noPicture(element) {
    const file = (element.getAttribute("src") ?? "").split(/[?#]/)[0].split("/").at(-1);
    const name = ui.h("p", {}, (element.getAttribute("alt") || file).slice(0, 80).replace(/[\u0000-\u001f\u007f\u00a0\ufffe\uffff]/g, " ")).innerHTML;
    const wide = Math.max(48, 8 + 6 * name.length);
    const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="32"><rect width="100%" height="100%" fill="#999" opacity=".3"/><text x="4" y="20" font-size="11" font-family="sans-serif" fill="#555">${name}</text></svg>`;
    return `data:image/svg+xml,${encodeURIComponent(picture.toWellFormed?.() ?? picture.replace(/[\ud800-\udfff]/g, "?"))}`;
  }
  const KEPT = "uitest-picture:";
  // Animations are shown at their end, so that a page that fades in is visible.
  const STILL = "*, ::before, ::after { animation-duration: 0s !important; animation-delay: 0s !important; transition: none !important; caret-color: transparent !important; }";

  // Style attributes have another name while the page is parsed: engines log a line to the console for each one that
  // the policy refuses, which takes a second for five thousand. `tame` removes the style from anything but serialised tags.
  const STYLE = "data-uitest-style";
  const TAG = /<[a-z][^\s/<>]*(?:\s+[^\s=<>"]+(?:="[^"]*")?)*\s*\/?>/gi;
  const quiet = (html) => html.replace(TAG, (tag) => tag.replace(/\sstyle="/gi, ` ${STYLE}="`));

  function tameAttribute(element, name, value) {
    const word = name.toLowerCase();
    if (word.startsWith("on") || ["autofocus", "autoplay", "target", "nonce", "http-equiv"].includes(word)) element.removeAttribute(name);
    if (!ADDRESSES.has(word)) return;
    if (element.localName === "a" || element.localName === "area") element.setAttribute(name, "#"); // still looks like a link
    else if (FRAMES.has(element.localName) || !HARMLESS.test(value)) element.removeAttribute(name);
  }
  // Removes active content. Style texts, which the page's policy would refuse, go into `styles` by element.
  function tame(root, styles, images) {
    let lost = 0;
    for (const element of root.querySelectorAll(GONE)) element.remove();
    for (const element of root.querySelectorAll("*")) {
      const picture = element.localName === "img" && element.hasAttribute("src");
      const missing = picture && noPicture(element);
      const kept = picture && images.get(element.getAttribute("src").replace(KEPT, ""));
      if (kept) element.setAttribute("src", kept);
      for (const name of ["style", STYLE]) {
        if (element.hasAttribute(name)) styles.set(element, element.getAttribute(name));
        element.removeAttribute(name);
      }
      for (const { name, value } of [...element.attributes]) tameAttribute(element, name, value);
      if (picture && !element.hasAttribute("src")) {
        lost += 1;
        element.setAttribute("src", missing);
      }
      if (element.localName === "style") {
        styles.set(element, element.textContent);
        element.textContent = "";
      }
      if (element.localName === "template") lost += tame(element.content, styles, images);
    }
    return lost;
  }

  function sheet(view, text) {
    const made = new view.CSSStyleSheet();
    made.replaceSync(text);
    return made;
  }
  function openShadows(root, view, styles) {
    for (const template of root.querySelectorAll("template[shadowrootmode]")) {
      let shadow;
      try {
        shadow = template.parentElement.attachShadow({ mode: "open" });
      } catch {
        continue; // an element that takes none, in a page nobody has drawn like that
      }
      const own = [...template.content.querySelectorAll("style")];
      shadow.adoptedStyleSheets = [...own.map((one) => sheet(view, styles.get(one) ?? "")), sheet(view, STILL)];
      for (const one of own) one.remove();
      shadow.append(template.content);
      template.remove();
      openShadows(shadow, view, styles);
    }
  }

  // A frame that shows one page after another; `element` must be in the document before `show` is called.
  ui.snapshot = () => {
    const frame = h("iframe", { sandbox: "allow-same-origin", srcdoc: SHELL, inert: true, tabindex: "-1", title: "Snapshot of the page", referrerpolicy: "no-referrer" });
    let wanted = null;
    let ready = false;
    let shown = null;

    function draw() {
      if (!ready || shown === wanted.page) return wanted?.told(wanted.page?.lost ?? 0);
      const { page } = wanted;
      const view = frame.contentWindow;
      const parsed = new DOMParser().parseFromString(quiet(page.html), "text/html");
      const styles = new Map();
      page.lost = tame(parsed, styles, page.images);
      const root = frame.contentDocument.adoptNode(parsed.documentElement);
      frame.contentDocument.replaceChild(root, frame.contentDocument.documentElement);
      frame.contentDocument.adoptedStyleSheets = [...page.css, STILL].map((text) => sheet(view, text));
      openShadows(root, view, styles);
      for (const [element, text] of styles) if (element.localName !== "style") element.style.cssText = text;
      view.scrollTo({ left: page.scroll[0], top: page.scroll[1], behavior: "instant" });
      shown = page;
      return wanted.told(page.lost);
    }
    frame.addEventListener("load", () => {
      ready = true;
      shown = null;
      if (wanted) draw();
    });
    return {
      element: frame,
      // Shows `page`; `told` is called, possibly later, with the number of missing images.
      show: (page, told) => {
        wanted = { page, told };
        draw();
      },
      // Scrolls the page further and returns how far it has been scrolled since it was shown.
      scroll: (left, top) => {
        if (!ready || !shown) return [0, 0];
        frame.contentWindow.scrollBy({ left, top, behavior: "instant" });
        return [frame.contentWindow.scrollX - shown.scroll[0], frame.contentWindow.scrollY - shown.scroll[1]];
      },
    };
  };
})();
