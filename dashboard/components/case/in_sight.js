let opened = null, at_today = false, width = window.innerWidth

// Store the height of the head, the top of the form and the maximum height of the tabs of this
// case, for the style sheet.
function measure() {
  const form = document.querySelector(".st-key-case_form")?.closest("[data-testid=stColumn]")
  const head = document.querySelector(".st-key-case_head")
  const panel = document.querySelector(".st-key-case_details [role=tabpanel]:not([hidden])")
  const style = document.documentElement.style
  if (width !== window.innerWidth) {
    // In a wider window, the tabs are lower.
    width = window.innerWidth
    style.removeProperty("--case-tabs")
  }
  if (head) style.setProperty("--case-head", `${head.offsetHeight}px`)
  if (form) style.setProperty("--case-form", `${Math.max(form.getBoundingClientRect().top, 0)}px`)
  if (panel) {
    const highest = Math.max(panel.offsetHeight, Number.parseFloat(style.getPropertyValue("--case-tabs")) || 0)
    style.setProperty("--case-tabs", `${highest}px`)
  }
}

// Scroll a chart that is wider than its place to its right end, which is today, once a case. Store
// which of its ends are out of sight.
function see_today() {
  const sheets = document.querySelector(".st-key-chart_sheets"), root = document.documentElement
  const hidden = sheets ? sheets.scrollWidth - sheets.clientWidth : 0
  if (hidden < 2) {
    delete root.dataset.chartCut
    delete sheets?.dataset.cut
    at_today = false
    return
  }
  if (!at_today) sheets.scrollLeft = hidden
  at_today = true
  const left = sheets.scrollLeft > 1, right = sheets.scrollLeft < hidden - 1
  sheets.dataset.cut = left && right ? "both" : left ? "left" : "right"
  root.dataset.chartCut = "yes"
  sheets.onscroll = see_today
}

function watch() {
  const observer = new ResizeObserver(() => {
    measure()
    see_today()
  })
  const parts = ".st-key-case_head, .st-key-case_details, .st-key-chart_sheets, .st-key-chart_sheets > *"
  const look = () => {
    for (const part of document.querySelectorAll(parts)) observer.observe(part)
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
    at_today = false
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
