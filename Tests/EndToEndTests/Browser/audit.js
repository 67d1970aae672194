// What anybody can check of a page that people may read, hear or tab through: an array of sentences.
(() => {
  const problems = [];
  const say = (what, element) => problems.push(`${what}: ${(element?.outerHTML ?? "").slice(0, 160)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  if (!document.documentElement.lang) say("the page has no language");
  if (!document.title) say("the page has no title");
  for (const landmark of ["main", "header", "footer"]) {
    if (all(landmark).length !== 1) say(`there is not one ${landmark}`);
  }
  if (all("[style], script").length) say("the policy forbids this", all("[style], script")[0]);
  const ids = all("[id]").map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) say(`the id ${id} is there twice`);

  // Names.
  const labels = (element) => element.labels?.length
    ? [...element.labels].map((label) => label.textContent).join(" ") : "";
  const name = (element) => (element.getAttribute("aria-label")
    ?? (element.getAttribute("aria-labelledby") ?? "").split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "").join(" ")) || "";
  for (const field of all("input:not([type=hidden]), select, textarea")) {
    if (!(labels(field) || name(field)).trim()) say("a field has no label", field);
  }
  for (const control of all("a[href], button, summary")) {
    if (!(control.textContent + name(control)).trim()) say("a control has no name", control);
  }
  for (const picture of all("svg")) {
    const isHidden = picture.closest("[aria-hidden=true]");
    if (!isHidden && !(picture.getAttribute("role") === "img" && name(picture).trim())) {
      say("a picture has no text alternative", picture);
    }
  }
  for (const table of all("table")) {
    if (!table.caption?.textContent.trim()) say("a table has no caption", table);
    for (const head of table.querySelectorAll("th")) if (!head.scope) say("a head has no scope", head);
  }

  // Headings.
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.tagName[1]);
    if (level === 0 && next !== 1) say("the first heading is no h1", heading);
    if (next > level + 1) say("a heading skips a level", heading);
    level = next;
  }
  if (all("h1").length !== 1) say("there is not one h1");

  // Contrast (WCAG 2.2, 1.4.3), against the colours that lie behind a text.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (front, back) => {
    const alpha = front[3];
    return [0, 1, 2].map((i) => front[i] * alpha + back[i] * (1 - alpha)).concat(1);
  };
  const ground = (element) => {
    const color = element ? rgba(getComputedStyle(element).backgroundColor) : [255, 255, 255, 1];
    return color[3] === 1 || !element ? color : over(color, ground(element.parentElement));
  };
  const luminance = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const checkContrast = (element, style) => {
    const back = ground(element);
    const ratio = contrast(over(rgba(style.color), back), back);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) say(`the contrast is ${ratio.toFixed(2)}`, element);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(element) || !isShown(element)) continue;
    seen.add(element);
    checkContrast(element, getComputedStyle(element));
  }
  for (const field of all("input[placeholder]:not([placeholder=''])")) {
    checkContrast(field, getComputedStyle(field, "::placeholder"));
  }

  // Nothing sticks out to the side.
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > room) {
    const wide = all("body *").filter((element) => element.getBoundingClientRect().right > room + 1);
    say(`the page is wider than its ${room} pixels`, wide.at(-1));
  }
  return problems;
})()
