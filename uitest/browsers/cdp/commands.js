// What direct.py asks of a document. A function that returns undefined hands the question on to the driver.
(() => {
  const here = element => element.isConnected && element.ownerDocument === document;

  const SEARCHES = {
    "css selector": (what, root) => root.querySelectorAll(what),
    "tag name": (what, root) => root.getElementsByTagName(what),
    "xpath": (what, root) => {
      const found = document.evaluate(what, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
      return {length: found.snapshotLength, item: at => found.snapshotItem(at)};
    },
  };

  const search = (how, what, root) => {
    const found = SEARCHES[how](what, root || document), elements = [];
    for (let at = 0; at < found.length; at++) {
      if (!(found.item(at) instanceof Element)) return undefined;
      elements.push(found.item(at));
    }
    return elements;
  };

  // What one of the driver's own scripts answers about an element.
  const said = async (script, element) => {
    const {status, value} = JSON.parse((await script(element))[0]);
    return status === 0 ? value : undefined;
  };

  // Those whose text, as the driver's own script finds it, is a text or has it as a part.
  const links = async (script, [partial, what], root, most) => {
    const found = [];
    for (const link of (root || document).querySelectorAll("a")) {
      const text = (await said(script, link))?.trim();
      if (text === undefined) return undefined;
      if (partial ? text.includes(what) : text === what) found.push(link);
      if (found.length === most) break;
    }
    return found;
  };

  // Attributes that say something by being there. https://html.spec.whatwg.org/multipage/indices.html#attributes-3
  const BOOLEAN = new RegExp("^(allowfullscreen|async|autofocus|autoplay|checked|controls|default|defer|disabled|formnovalidate|" +
    "inert|ismap|itemscope|loop|multiple|muted|nomodule|novalidate|open|playsinline|readonly|required|reversed|selected)$");

  const FORM_CONTROLS = /^(button|input|optgroup|option|select|textarea)$/;
  // Clicks on these mean more to the driver than a click at a point.
  const OWN_CLICK = /^(area|embed|frame|iframe|map|object|optgroup|option|select)$/;
  const OWN_CLICK_INPUT = /^(color|date|datetime-local|file|month|time|week)$/;
  const TYPED = /^(email|password|search|tel|text|url)$/;

  // The driver takes what is in such an element for hidden, also where the style has no effect on it.
  const skipped = element => {
    for (let at = element; at; at = at.parentElement || at.getRootNode().host)
      if (getComputedStyle(at).contentVisibility === "hidden") return true;
    return false;
  };

  const inView = box =>
    box.width > 0 && box.height > 0 && box.left >= 0 && box.top >= 0 &&
    box.right <= innerWidth && box.bottom <= innerHeight && visualViewport.scale === 1;

  return {
    title: () => document.title,
    address: () => location.protocol === "chrome-error:" ? undefined : document.URL,

    find: async (how, what, root) => {
      if (root && !here(root)) return undefined;
      if (typeof how === "function") return (await links(how, what, root, 1))?.[0];
      const found = how === "css selector" ? (root || document).querySelector(what) : search(how, what, root)?.[0];
      return found || undefined;
    },
    findAll: (how, what, root) => {
      if (root && !here(root)) return undefined;
      return typeof how === "function" ? links(how, what, root, Infinity) : search(how, what, root);
    },

    tag: element => here(element) ? (element instanceof HTMLElement ? element.localName : element.tagName) : undefined,

    selected: element => {
      if (!here(element)) return undefined;
      if (element instanceof HTMLOptionElement) return element.selected;
      return element instanceof HTMLInputElement && /^(checkbox|radio)$/.test(element.type) ? element.checked : undefined;
    },

    enabled: element => {
      if (!here(element) || document.contentType !== "text/html") return undefined;
      const tag = element.localName;
      if (!FORM_CONTROLS.test(tag)) return true;
      return !element.matches(":disabled") && !(/^opt/.test(tag) && element.closest("select:disabled"));
    },

    property: (element, name) => {
      const value = here(element) ? element[name] ?? null : undefined;
      return value === null || /^(string|number|boolean)$/.test(typeof value) ? {value} : undefined;
    },

    attribute: (element, name) => {
      const lower = name.toLowerCase();
      if (!here(element) || /^(on|style$|hidden$)/.test(lower)) return undefined;
      if (BOOLEAN.test(lower)) return {value: element.hasAttribute(name) ? "true" : null};
      return {value: element.getAttribute(name)};
    },

    // Colours have a form of their own in WebDriver.
    style: (element, name) => {
      const value = here(element) ? getComputedStyle(element).getPropertyValue(name) : "";
      return value === "" || /color|shadow|rgb|hsl|#/i.test(name + value) ? undefined : value;
    },

    said: (script, element) => here(element) ? said(script, element) : undefined,

    run: async (script, element, ...more) => here(element) ? {value: await script(element, ...more)} : undefined,

    // The middle of an element that is wholly in view with nothing over it.
    clickable: element => {
      if (element instanceof HTMLOptionElement && here(element) && element.closest("select")?.multiple === false) return "option";
      if (!here(element) || OWN_CLICK.test(element.localName) || skipped(element)) return undefined;
      if (element instanceof HTMLInputElement && OWN_CLICK_INPUT.test(element.type)) return undefined;
      const box = element.getClientRects()[0];
      if (!box || !inView(box)) return undefined;
      const [x, y] = [Math.floor((box.left + box.right) / 2), Math.floor((box.top + box.bottom) / 2)];
      const hit = document.elementFromPoint(x, y);
      return hit && element.contains(hit) ? [x, y] : undefined;
    },

    // Puts the cursor behind the last character of a plain field that is wholly in view.
    typeable: element => {
      const field = element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement && TYPED.test(element.type);
      if (!here(element) || !field || element.matches(":disabled") || element.readOnly) return undefined;
      if (!inView(element.getBoundingClientRect()) || !element.checkVisibility({visibilityProperty: true})) return undefined;
      if (skipped(element)) return undefined;
      const before = document.activeElement;
      if (before !== element) {
        before?.blur();
        element.focus();
        // An email field has no selection to set, and keeps its cursor where focus() puts it: the driver's own way.
        if (element.value && element.type !== "email") element.setSelectionRange(element.value.length, element.value.length);
      }
      return document.activeElement === element || undefined;
    },
  };
})()
