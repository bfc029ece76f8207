"use strict";
{
  const form = document.getElementById("filter");
  const show = () => {
    const wanted = new Set([...form.querySelectorAll("[name=verdict]:checked")].map(box => box.value));
    const place = form.elements.place.value;
    let shown = 0;
    for (const section of document.querySelectorAll("section")) {
      let here = 0;
      for (const article of section.querySelectorAll("article")) {
        article.hidden = !wanted.has(section.dataset.verdict) || (place && article.dataset.place !== place);
        here += article.hidden ? 0 : 1;
      }
      section.hidden = here === 0;
      shown += here;
    }
    form.querySelector("output").textContent = `${shown} shown`;
  };
  form.hidden = false;
  form.addEventListener("change", show);
  show();
}
