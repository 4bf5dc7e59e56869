// What both players' controls share: icons, clock and menus.

const shapes = {
  play: 'M7 4.5v15l12.5-7.5z', pause: 'M6.5 5h4v14h-4zm7 0h4v14h-4z',
  loud: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM14.5 8a5 5 0 0 1 0 8l-1-1.3a3.5 3.5 0 0 0 0-5.4zm2-3.2a9 9 0 0 1 0 14.4l-1-1.4a7.3 7.3 0 0 0 0-11.6z',
  silent: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM14.2 9.7l1.1-1.1 2.2 2.2 2.2-2.2 1.1 1.1-2.2 2.3 2.2 2.3-1.1 1.1-2.2-2.2-2.2 2.2-1.1-1.1 2.2-2.3z',
};
export const icon = (button, shape) => button.querySelector('path').setAttribute('d', shapes[shape]);

export const clock = (seconds) => {
  const s = Math.max(0, Math.floor(seconds || 0)), two = (n) => String(n).padStart(2, '0');
  return (s >= 3600 ? Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ':' + two(s % 60);
};

export function closeMenus() {
  const open = [...document.querySelectorAll('.menu ul:not([hidden])')];
  for (const list of open) { list.hidden = true; list.previousElementSibling.setAttribute('aria-expanded', 'false') }
  return open.length > 0;
}

/// Lets the buttons of all menus open their lists.
export function drawMenus(root) {
  for (const menu of root.querySelectorAll('.menu')) {
    menu.querySelector('button').onclick = (event) => {
      const list = menu.querySelector('ul'), opens = list.hidden;
      closeMenus();
      list.hidden = !opens;
      event.currentTarget.setAttribute('aria-expanded', String(opens));
      if (opens) list.querySelector('[aria-checked=true]')?.focus();
    };
  }
}

/// items: [{ text, note, chosen, toggles, pick }]: one of them is chosen, those that toggle aside;
/// `picked`: called after one was.
export function drawMenu(menu, label, items, picked) {
  menu.hidden = items.length < 2 && !items.some((item) => item.toggles);  // nothing to choose
  menu.querySelector('button').textContent = label;
  menu.querySelector('ul').replaceChildren(...items.map(({ text, note, chosen, toggles, pick }) => {
    const item = document.createElement('li'), button = document.createElement('button'), small = document.createElement('small');
    button.append(text, small);
    small.textContent = note || '';
    button.setAttribute('role', toggles ? 'menuitemcheckbox' : 'menuitemradio');
    button.setAttribute('aria-checked', String(chosen));
    button.onclick = () => { pick(); closeMenus(); picked() };
    item.setAttribute('role', 'none');
    item.append(button);
    return item;
  }));
}
