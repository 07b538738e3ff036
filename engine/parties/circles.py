"""Circles of owners: parties that hold each other, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def circles(edges: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """For each node the number of its circle; two nodes share one exactly if each leads to the other.

    Strongly connected components, as Tarjan finds them (SIAM J. Comput. 1(2), 1972), without recursion: in time that
    grows with the edges.
    """
    ahead: dict[str, list[str]] = {}
    for first, second in edges:
        ahead.setdefault(first, []).append(second)
        ahead.setdefault(second, [])
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    circle: dict[str, int] = {}
    path: list[str] = []
    for start in ahead:
        if start in number:
            continue
        todo = [(start, 0)]
        while todo:
            node, at = todo.pop()
            if node not in number:
                number[node] = lowest[node] = len(number)
                path.append(node)
            for i in range(at, len(ahead[node])):
                following = ahead[node][i]
                if following not in number:
                    todo += [(node, i), (following, 0)]
                    break
                if following not in circle:
                    lowest[node] = min(lowest[node], lowest[following])
            else:
                if lowest[node] == number[node]:
                    while True:
                        member = path.pop()
                        circle[member] = number[node]
                        if member == node:
                            break
    return circle
