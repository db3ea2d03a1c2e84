const ATTRIBUTES = ["aria-label", "title", "placeholder"]

// The elements in which Streamlit writes texts of its own. Other elements are not translated,
// because a person may have written their text.
const OWN = [
  "[data-testid=InputInstructions]",
  "[data-testid=stDateInput] [role=spinbutton]",
  "[data-testid=stDialog]",
  "[data-testid=stTooltipContent]",
  "[role=listbox]",
].join(", ")

let texts = new Map()

// Streamlit writes the label of the field after the name of a part of a date: "day, Born on". It
// writes the name of a table or a chart after the name of a button: "Fullscreen: Emergencies".
function translation(text) {
  const whole = texts.get(text.trim())
  if (whole !== undefined) return whole
  const [part, ...label] = text.split(", ")
  if (label.length && texts.has(`${part},`)) return [texts.get(`${part},`), ...label].join(" ")
  const [, button, name] = text.match(/^(.*?)\s?: (.*)$/s) ?? []
  return texts.has(button) ? `${texts.get(button)}${texts.get(":") ?? ":"} ${name}` : undefined
}

function translate_attributes(element) {
  for (const name of ATTRIBUTES) {
    const text = element.getAttribute(name)
    const said = text ? translation(text) : undefined
    if (said !== undefined && said !== text) element.setAttribute(name, said)
  }
}

function translate_texts(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) translate_node(node)
}

function translate_node(node) {
  const said = texts.get(node.data.trim())
  if (said !== undefined && said !== node.data) node.data = said
}

function translate(element) {
  const named = ATTRIBUTES.map((name) => `[${name}]`).join(", ")
  translate_attributes(element)
  for (const one of element.querySelectorAll(named)) translate_attributes(one)
  if (element.closest(OWN)) translate_texts(element)
  else for (const one of element.querySelectorAll(OWN)) translate_texts(one)
}

function look(changes) {
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes") translate_attributes(target)
    else if (type === "characterData") {
      if (target.parentElement?.closest(OWN)) translate_node(target)
    } else
      for (const node of addedNodes) {
        if (node.nodeType === Node.ELEMENT_NODE) translate(node)
        else if (node.nodeType === Node.TEXT_NODE && target.closest(OWN)) translate_node(node)
      }
  }
}

export default function ({ data }) {
  texts = new Map(Object.entries(data.texts))
  const observer = new MutationObserver(look)
  const changes = { childList: true, subtree: true, characterData: true, attributeFilter: ATTRIBUTES }
  translate(document.body)
  observer.observe(document.body, changes)
  return () => observer.disconnect()
}
