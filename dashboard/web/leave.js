export default function ({ data }) {
  const back = window.location.pathname + window.location.search
  window.location.assign(`${data.start}?back=${encodeURIComponent(back)}`)
}
