/** A colour token as the browser resolves it for the theme that is shown: canvases and maps take no variables.
 *
 * @param element Where; its theme counts.
 * @param name Such as `--accent`.
 */
export function tone(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  element.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
