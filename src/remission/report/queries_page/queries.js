"use strict";
{
  const form = document.getElementById("filter");
  const output = form.querySelector("output");
  const sections = [...document.querySelectorAll("section")];

  const show = () => {
    const site = form.elements.site.value;
    const rule = form.elements.rule.value;
    const states = new Set([...form.querySelectorAll("[name=state]:checked")].map((box) => box.value));
    let shown = 0;
    for (const section of sections) {
      let here = 0;
      for (const article of section.querySelectorAll("article")) {
        article.hidden = (site && section.dataset.site !== site)
          || (rule && article.dataset.rule !== rule) || !states.has(article.dataset.state);
        here += article.hidden ? 0 : 1;
      }
      section.hidden = here === 0;
      shown += here;
    }
    output.textContent = shown ? output.dataset.shown.replace("{n}", shown) : output.dataset.none;
  };

  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
}
