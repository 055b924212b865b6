// The wall: films play while they are in view, unless the reader asked for less motion.

import { $$ } from "./dom.js";

if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) target.play().catch(() => {});
        else target.pause();
      }
    },
    { threshold: 0.6 },
  );
  for (const film of $$("[data-plays-in-view]")) watcher.observe(film);
}
