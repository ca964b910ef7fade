// /events/: says beside the time at the venue what the clock of the visitor shows then.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

tellAll();
// The list was narrowed.
document.addEventListener("listchange", tellAll);

function tellAll() {
  for (const time of document.querySelectorAll("time[data-begins]:not([data-told])")) {
    time.dataset.told = "";
    const text = differs(time.dataset.begins) && said(time.dataset.begins, time.dataset.ends);
    if (text) {
      const own = document.createElement("span");
      own.className = "event-own";
      own.textContent = ` Your time: ${text} (${zone})`;
      const clock = time.nextElementSibling;
      (clock?.className === "event-clock" ? clock : time).after(own);
    }
  }
}

// Is the clock of the visitor another one at that moment?
function differs(written) {
  const moment = new Date(written);
  const there = /([+-])(\d\d):(\d\d)$/.exec(written);
  const minutes = there ? Number(`${there[1]}1`) * (Number(there[2]) * 60 + Number(there[3])) : 0;
  return minutes !== -moment.getTimezoneOffset();
}

function said(begins, ends) {
  const [from, to] = [new Date(begins), new Date(ends)];
  if (!ends) {
    return day.format(from);
  }
  const last = from.toDateString() === to.toDateString() ? hour : day;
  return `${day.format(from)}\u00a0– ${last.format(to)}`;
}
