let opened = null

// Store the height of the head, the top of the form and the maximum height of the tabs of this
// case, for the style sheet.
function measure() {
  const form = document.querySelector(".st-key-case_form")?.closest("[data-testid=stColumn]")
  const head = document.querySelector(".st-key-case_head")
  const panel = document.querySelector(".st-key-case_details [role=tabpanel]:not([hidden])")
  const style = document.documentElement.style
  if (head) style.setProperty("--case-head", `${head.offsetHeight}px`)
  if (form) style.setProperty("--case-form", `${Math.max(form.getBoundingClientRect().top, 0)}px`)
  if (panel) {
    const highest = Math.max(panel.offsetHeight, Number.parseFloat(style.getPropertyValue("--case-tabs")) || 0)
    style.setProperty("--case-tabs", `${highest}px`)
  }
}

function watch() {
  const observer = new ResizeObserver(measure)
  const look = () => {
    for (const part of document.querySelectorAll(".st-key-case_head, .st-key-case_details"))
      observer.observe(part)
  }
  const growing = new MutationObserver(look), main = document.querySelector("[data-testid=stMain]")
  look()
  growing.observe(main, { childList: true, subtree: true })
  main.addEventListener("scroll", measure, { passive: true })
  return () => {
    main.removeEventListener("scroll", measure)
    observer.disconnect()
    growing.disconnect()
  }
}

export default function ({ data }) {
  if (opened !== data.episode) {
    opened = data.episode
    document.documentElement.style.removeProperty("--case-tabs")
    document.querySelector("[data-testid=stMain]").scrollTo(0, 0)
    document.querySelector(".st-key-case_form")?.closest("[data-testid=stColumn]").scrollTo(0, 0)
  }
  const stop = watch()
  return () => {
    stop()
    opened = null
  }
}
