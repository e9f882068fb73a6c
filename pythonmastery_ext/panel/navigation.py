"""The pages that there are, by the role of who looks."""

from dataclasses import dataclass

from pythonmastery_ext.schema import ROLES, Role

#: Path below the service → title. The first is where a section begins.
ADMIN = {
    "admin": "Overview",
    "admin/people": "People",
    "admin/queue": "Queue and grader",
    "admin/tutor": "AI tutor",
    "admin/limits": "Rate limits",
    "admin/sessions": "Sessions",
    "admin/requests": "Data requests",
    "admin/problems": "Problems",
    "admin/features": "Features",
    "admin/audit": "Audit",
}
TEACH = {
    "teach": "Sections",
    "teach/hard": "Where it is hard",
    "teach/tests": "Tests",
    "teach/conversations": "Conversations",
    "teach/regrades": "Grading again",
}
#: Where it begins, its title, who may go there, its pages.
SECTIONS: tuple[tuple[str, str, Role, dict[str, str]], ...] = (
    ("admin", "Administration", "admin", ADMIN),
    ("teach", "Teaching", "instructor", TEACH),
)


@dataclass(frozen=True)
class Link:
    title: str
    href: str
    #: As ARIA names it: the page itself, or one below it.
    current: str | None


def sections(base_url: str, here: str, role: Role) -> list[Link]:
    return [
        Link(title, base_url + path, "true" if below(base_url + path, here) else None)
        for path, title, at_least, pages in SECTIONS
        if pages and ROLES.index(role) >= ROLES.index(at_least)
    ]


def pages(base_url: str, here: str, role: Role) -> list[Link]:
    """Of the section in which this page stands."""
    for start, _, at_least, titles in SECTIONS:
        if below(base_url + start, here) and ROLES.index(role) >= ROLES.index(at_least):
            return [
                Link(title, base_url + path, _current(base_url + path, here, start == path))
                for path, title in titles.items()
            ]
    return []


def nearest(base_url: str, here: str, role: Role) -> Link | None:
    """The page of the list to which an address belongs that leads nowhere."""
    above = [link for link in pages(base_url, here, role) if here.startswith(link.href + "/")]
    return max(above, key=lambda link: len(link.href), default=None)


def below(path: str, here: str) -> bool:
    return here == path or here.startswith(path + "/")


def _current(path: str, here: str, start: bool) -> str | None:
    if here.rstrip("/") == path:
        return "page"
    return "true" if not start and below(path, here) else None
