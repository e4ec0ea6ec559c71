// The board renews itself: what was open stays open and focused, and one that could not be renewed says so.
(() => {
  let open = new Map();
  let focused = "";
  const folded = () => document.querySelectorAll("#board details[id]");
  document.addEventListener("htmx:beforeSwap", () => {
    open = new Map([...folded()].map((one) => [one.id, one.open]));
    focused = document.activeElement?.id ?? "";
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const one of folded()) one.open = open.get(one.id) ?? one.open;
    // what was folded could not take the focus back by itself
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  });
  const stale = () => document.querySelector("#board .stale")?.removeAttribute("hidden");
  for (const failed of ["sendError", "responseError", "timeout"]) document.addEventListener(`htmx:${failed}`, stale);
})();
