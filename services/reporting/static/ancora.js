// Says whether the page is live, and loads it anew when the session has ended. The figures themselves are htmx's work.
const connection = document.getElementById("connection");
const say = (text) => {
  if (connection.textContent !== text) connection.textContent = text;
};

connection.setAttribute("role", "status");
connection.addEventListener("htmx:sse:after:connection", () => {
  connection.classList.add("live");
  say(connection.dataset.live);
});
for (const lost of ["htmx:sse:error", "htmx:sse:close"]) {
  connection.addEventListener(lost, (event) => {
    connection.classList.remove("live");
    say(connection.dataset.reconnecting);
    if (event.detail?.status === 401) location.reload();
  });
}
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail?.ctx?.response?.status === 401) location.reload();
});
