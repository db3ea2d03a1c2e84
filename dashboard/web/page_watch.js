const LOOK_EVERY = 5000, CUT_OFF_FOR = 2000, SAY_EVERY = 60000, PATIENCE = 4000
const SOON = 300, NOT_AGAIN_FOR = 20000, LOADED_ANEW = "loaded-anew"
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]

// Watch the activity at the page, and ask the server whether the sign-in is still live when it may
// have expired. This runs once for each page.
function watch_over_the_page() {
  const watch = { ask_at: Infinity, over_at: Infinity, said_at: Date.now(), asking: false }

  // If ``patient`` is set and no answer comes, keep the page, because the server may be restarting.
  async function ask(method, patient = false) {
    if (watch.asking) return
    watch.asking = true
    try {
      const patience = AbortSignal.timeout(PATIENCE)
      const answer = await fetch("/auth/session", { method, cache: "no-store", signal: patience })
      if (answer.status === 401) return close()
      if (!answer.ok && patient) return
      if (answer.status === 503 && method === "PUT") return
      if (!answer.ok) return close()
      watch.ask_at = Date.now() + Number(await answer.text()) * 1000
    } catch {
      // Without an answer, a page that has been idle must not stay visible.
      if (method === "GET" && !patient) close()
    } finally {
      watch.asking = false
    }
  }

  function close() {
    document.documentElement.style.visibility = "hidden"
    watch.ask_at = watch.over_at = Infinity
    window.location.reload()
  }

  function seen(event) {
    if (!event.isTrusted || watch.ask_at === Infinity) return
    if (Date.now() >= watch.ask_at) return ask("GET")
    if (Date.now() - watch.said_at < SAY_EVERY) return
    watch.said_at = Date.now()
    ask("PUT")
  }

  // Streamlit's own script leaves an empty page when it fails. The page is reloaded, because the
  // browser still has the typed text.
  function fill_again() {
    if (document.querySelector("[data-testid=stApp]")) return
    if (Date.now() - Number(sessionStorage.getItem(LOADED_ANEW)) < NOT_AGAIN_FOR) return
    sessionStorage.setItem(LOADED_ANEW, Date.now())
    window.location.reload()
  }

  function is_connected() {
    const app = document.querySelector("[data-testid=stApp]")
    return app === null || app.dataset.testConnectionState === "CONNECTED"
  }

  function look() {
    fill_again()
    if (Date.now() >= Math.min(watch.ask_at, watch.over_at)) ask("GET")
  }

  // The server closes the connection of a sign-in that has ended, and refuses new connections. So
  // without a connection, ask whether the sign-in is still live.
  function ask_where_cut_off() {
    if (watch.ask_at !== Infinity && !is_connected()) ask("GET", true)
  }

  for (const sign of SIGNS) document.addEventListener(sign, seen, { capture: true, passive: true })
  document.addEventListener("visibilitychange", look)
  window.addEventListener("error", () => setTimeout(fill_again, SOON))
  setInterval(look, LOOK_EVERY)
  setInterval(ask_where_cut_off, CUT_OFF_FOR)
  return watch
}

// Name the landmarks that Streamlit leaves without a name, and make its first link skip the menu.
function name_landmarks(names) {
  const menu = document.querySelector(".st-key-page_menu")
  menu?.setAttribute("role", "navigation")
  menu?.setAttribute("aria-label", names.menu)
  for (const link of menu?.querySelectorAll("a") ?? []) {
    if (link.closest(".st-key-page_in_menu")) link.setAttribute("aria-current", "page")
    else link.removeAttribute("aria-current")
  }
  // Streamlit gives the sign-in form a heading of level 3. Below the page title it must be 2.
  document.querySelector("[data-testid=stForm] h3")?.setAttribute("aria-level", "2")
  const skip = document.querySelector("[data-testid=stSkipToContent]")
  if (!skip) return
  skip.textContent = names.skip
  skip.onclick = skip_the_menu
}

function skip_the_menu(event) {
  const header = document.querySelector(".st-key-page_header")
  const content = header?.closest("[data-testid=stLayoutWrapper]")?.nextElementSibling
  if (!content) return
  event.preventDefault()
  event.stopPropagation()
  content.tabIndex = -1
  content.focus({ preventScroll: true })
}

export default function ({ data }) {
  document.documentElement.lang = data.language
  name_landmarks(data.names)
  if (data.remember) {
    const secure = location.protocol === "https:"
    const name = secure ? `__Host-${data.cookie}` : data.cookie
    const kept = `${name}=${data.language}; path=/; max-age=31536000; samesite=strict`
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs HTTPS
    document.cookie = secure ? `${kept}; secure` : kept
  }
  window.caseReviewWatch ||= watch_over_the_page()
  const watch = window.caseReviewWatch
  watch.ask_at = data.idle === null ? Infinity : Date.now() + data.idle * 1000
  watch.over_at = data.left === null ? Infinity : Date.now() + data.left * 1000
}
