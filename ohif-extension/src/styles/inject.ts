import contrast from './contrast.css?inline';
import lists from './lists.css?inline';
import panel from './panel.css?inline';
import parts from './parts.css?inline';
import states from './states.css?inline';
import tokens from './tokens.css?inline';

const ID = 'pellucid-style';

/** Adds the panel's style to the page, once. All of it is scoped under `.pel`. */
export function injectStyle(): void {
  if (document.getElementById(ID)) return;
  const style = document.createElement('style');
  style.id = ID;
  style.textContent = [tokens, parts, panel, lists, states, contrast].join('\n');
  document.head.append(style);
}
