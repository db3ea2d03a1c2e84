export default function ({ data, setTriggerValue }) {
  const key = data.method + data.ticket
  if (window.caseReviewExchange === key) return
  window.caseReviewExchange = key
  fetch("/auth/session", { method: data.method, headers: { "X-Ticket": data.ticket } })
    .then((answer) => answer.ok)
    .catch(() => false)
    .then((done) => {
      if (!done) setTriggerValue("refused", data.ticket)
      else if (data.home) window.location.assign("/")
      else window.location.reload()
    })
}
