// What the tests of every page measure in it: run by the tests, never part of the site.
(() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();

  function rgba(color) {
    if (!known.has(color)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  }

  const over = ([r, g, b, a], below) => [r, g, b].map((part, at) => part * a + below[at] * (1 - a));

  function luminance(color) {
    const [r, g, b] = color.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }

  const ancestors = (element) => (element ? [element, ...ancestors(element.parentElement)] : []);

  // What is painted below a text; nothing where that is a picture.
  function ground(element) {
    const layers = [];
    for (const one of ancestors(element)) {
      const { backgroundColor, backgroundImage } = getComputedStyle(one);
      if (backgroundImage !== "none") {
        return undefined;
      }
      layers.unshift(rgba(backgroundColor));
      if (layers[0][3] === 1) {
        break;
      }
    }
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  }

  const isHidden = (element) =>
    !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    ancestors(element).some((one) => getComputedStyle(one).clipPath === "inset(50%)");

  function texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      if (walker.currentNode.data.trim()) {
        found.add(walker.currentNode.parentElement);
      }
    }
    return [...found].filter((one) => !one.closest("svg, script, noscript, option, [disabled]") && !isHidden(one));
  }

  const named = (element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.textContent.trim().slice(0, 40)}`;

  // Texts that are hard to read before what is behind them.
  function pale() {
    return texts().flatMap((element) => {
      const { color, fontSize, fontWeight } = getComputedStyle(element);
      const below = ground(element);
      const size = parseFloat(fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
      const found = below ? contrast(over(rgba(color), below), below) : 21;
      return found < (isLarge ? 3 : 4.5) ? [`${found.toFixed(2)} ${named(element)}`] : [];
    });
  }

  // Texts that reach beyond the window, and not in something that scrolls by itself.
  function cut() {
    const width = document.documentElement.clientWidth;
    const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX);
    return texts()
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .filter((element) => !ancestors(element.parentElement).some(scrolls) && !scrolls(element))
      .map(named);
  }

  // Pictures that reach beyond what they stand in.
  function broad() {
    return [...document.querySelectorAll("main img")]
      .filter((one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1)
      .map((one) => one.outerHTML);
  }

  // Texts whose box is too small for them and hides the rest.
  function clipped() {
    const hides = (one) => /hidden|clip/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 2;
    return texts().filter((element) => ancestors(element).some(hides)).map(named);
  }

  const sideways = () => document.scrollingElement.scrollWidth - document.documentElement.clientWidth;

  // What may be pressed and is too small for a finger, but for links within a sentence.
  function small() {
    return [...document.querySelectorAll("button, summary, select, input, nav a, .button")]
      .filter((one) => !isHidden(one) && one.type !== "hidden")
      .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 23.5)
      .filter((one) => !/radio|checkbox/.test(one.type))
      .map(named);
  }

  // Distances as people set them who read with difficulty (WCAG 1.4.12).
  function spaceOut() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
      p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
  }

  window.measures = { pale, cut, broad, clipped, sideways, small, spaceOut };
})();
