// Colours as chosen in the hub's own pages, else as the system has them; without it they are light.
'use strict';

(() => {
  const key = 'jupyterhub-bs-theme';
  const root = document.documentElement;
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => localStorage.getItem(key) ?? (system.matches ? 'dark' : 'light');
  const show = () => {
    root.dataset.bsTheme = chosen();
    document.getElementById('pm-theme')?.setAttribute('aria-pressed', String(chosen() === 'dark'));
  };

  show();
  system.addEventListener('change', show);
  window.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('pm-theme');
    button.hidden = false;
    button.addEventListener('click', () => {
      localStorage.setItem(key, chosen() === 'dark' ? 'light' : 'dark');
      show();
    });
    show();
  });
})();
