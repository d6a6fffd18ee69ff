// Adds to each time how long ago it was, and what it is for the reader when
// the page's zone is another. Without this the page says everything already.
(function () {
  "use strict";
  var units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];

  function ago(seconds) {
    for (var k = 0; k < units.length; k++) {
      var n = Math.floor(seconds / units[k][1]);
      if (n >= 1) { return n + " " + units[k][0] + (n > 1 ? "s" : "") + " ago"; }
    }
    return "just now";
  }

  // Minutes ahead of UTC that the page's own spelling of the time is.
  function written(iso) {
    var m = /([+-])(\d\d):(\d\d)$/.exec(iso);
    return m ? (m[1] === "-" ? -1 : 1) * (m[2] * 60 + +m[3]) : 0;
  }

  function local(time) {
    var at = new Date(time.dateTime);
    if (isNaN(at) || time.dateTime.length < 16 || written(time.dateTime) === -at.getTimezoneOffset()) { return; }
    var span = document.createElement("span");
    span.className = "local";
    var form = { hour: "numeric", minute: "2-digit" };
    if (+time.dateTime.slice(8, 10) !== at.getDate()) { form.month = "short"; form.day = "numeric"; }
    span.textContent = " (" + at.toLocaleString([], form) + " your time)";
    time.after(span);
  }

  function relative(posted) {
    var time = posted.querySelector("time");
    var span = document.createElement("span");
    span.className = "ago";
    posted.prepend(span);
    return function () {
      var seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      span.textContent = seconds < 0 ? "" : ago(seconds) + ". ";
    };
  }

  document.querySelectorAll("time").forEach(local);
  var all = Array.prototype.map.call(document.querySelectorAll(".posted"), relative);
  function draw() { all.forEach(function (f) { f(); }); }
  draw();
  setInterval(draw, 30000);
})();
