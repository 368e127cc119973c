"use strict";
/* The place by the phone's position: asked for only when somebody taps for it. */
document.querySelectorAll("[data-position]").forEach((field) => {
  if (!navigator.geolocation) return;
  const button = field.querySelector("button"), told = field.querySelector("[role=status]"), form = field.closest("form");
  field.hidden = false;
  button.addEventListener("click", () => {
    told.textContent = button.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.long.value = coords.longitude.toFixed(6);
        told.textContent = button.dataset.got;
      },
      () => { told.textContent = button.dataset.failed; },
      { enableHighAccuracy: true, timeout: 20000 },
    );
  });
});
