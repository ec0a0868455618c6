"""The chart library, cut down to the charts that the page draws.

plotly.js comes whole in the plotly package: 4.8 MB, of which maps and three dimensions are most, and a browser reads all of it before the
first chart. It is a row of modules, each a statement that runs when another one asks for it by name. What no chart of ours asks for is
left out, text for text; nothing that stays is changed but the list of charts. Where the row is not as expected, the library stays whole.
"""

import re
from collections.abc import Collection
from importlib.resources import files
from itertools import pairwise

from naruki.errors import NarukiError

# Besides scatter, which is always there.
CHARTS = ("bar", "heatmap")
MODULE = re.compile(r"(?<=;)var ([\w$]+)=(?P<wrapper>[\w$]+)\((?=\([\w$,]*\)=>\{|[\w$]+=>\{)")
CALLED = re.compile(r"(?<![\w$.])([\w$]+)\(\)")
REGISTERED = re.compile(r"\.register\(\[((?:[\w$]+\(\),?)+)\]\)")


def whole_library() -> str:
    """plotly.js as the plotly package ships it."""
    library = files("plotly") / "package_data" / "plotly.min.js"
    if not library.is_file():
        raise NarukiError("The plotly package lacks package_data/plotly.min.js: install the requirements again.")
    return library.read_text(encoding="utf-8")


def library(charts: Collection[str] = CHARTS) -> str:
    """The part of plotly.js that draws `charts` and scatter; all of it where its modules can't be told apart."""
    text = whole_library()
    return part_of(text, charts) or text


def part_of(text: str, charts: Collection[str]) -> str | None:
    """Head, the modules that are asked for, and the end of the library; None where it is not the row of modules we know."""
    found = list(MODULE.finditer(text))
    wrappers = [one["wrapper"] for one in found]
    wrapper = max(set(wrappers), key=wrappers.count, default="")
    found = [one for one in found if one["wrapper"] == wrapper]
    last = found[-1][1] if found else ""
    end = text.find(f"return {last}();", found[-1].start()) if found else -1
    if end < 0:
        return None
    bounds = [one.start() for one in found] + [end]
    names = [one[1] for one in found]
    modules = [text[start:stop] for start, stop in pairwise(bounds)]
    owner = owners(names, modules)
    registered = REGISTERED.search(modules[-1])
    wanted = chosen(registered[1], modules, owner, charts) if registered else None
    if wanted is None:
        return None
    modules[-1] = modules[-1].replace(registered[1], wanted)
    head = text[: bounds[0]]
    kept = asked_for([len(modules) - 1, *calls(head, owner)], modules, owner)
    return head + "".join(modules[number] for number in sorted(kept)) + text[end:]


def owners(names: list[str], modules: list[str]) -> dict[str, int]:
    """By what names a module is asked for: its own, and those of the modern modules (`x=Ea(`) that stand behind it."""
    lazy = re.compile(r"(?<![\w$.])([\w$]+)=([\w$]+)\((?:\(\)|async\(\))=>\{")
    owner = {}
    for number, module in enumerate(modules):
        owner |= {found[1]: number for found in lazy.finditer(module)}
    return owner | {name: number for number, name in enumerate(names)}


def chosen(registered: str, modules: list[str], owner: dict[str, int], charts: Collection[str]) -> str | None:
    """Of the list of registered charts those that are wanted; None where one of them is not found."""
    kept = {}
    for factory in re.findall(r"[\w$]+", registered):
        module = modules[owner[factory]]
        inner = re.search(r"exports=([\w$]+)\(\)", module)
        told = re.search(
            r'moduleType:"trace",name:"(\w+)"', modules[owner[inner[1]]] if inner and inner[1] in owner else module
        )
        if told and told[1] in charts:
            kept[told[1]] = f"{factory}()"
    return ",".join(kept.values()) if len(kept) == len(charts) else None


def calls(text: str, owner: dict[str, int]) -> set[int]:
    return {owner[name] for name in CALLED.findall(text) if name in owner}


def asked_for(roots: list[int], modules: list[str], owner: dict[str, int]) -> set[int]:
    """The modules that the roots ask for, directly or through others."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += calls(modules[number], owner)
    return seen
