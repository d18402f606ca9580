"""The sentence around an answer, by rules that need no model."""

import re
from collections.abc import Iterator

# Thai and Lao put a space between clauses and no mark at the end of a sentence.
_WITHOUT_MARKS = ("th", "lo")
# About the median sentence of XQuAD-R in Thai, whose breaks people set.
_WINDOW = 170

# A mark, what closes after it (quotes, brackets, a reference such as [8]), then a space; marks of Chinese and Japanese
# need none. A line ends a sentence too.
_END = re.compile(
    r"""(?P<mark>[.!?؟।۔።։]+|…)["'”’»)\]]*(?:\[\d+\](?::\d+)?)*\s+(?=(?P<next>\S))"""
    r"""|[。！？｡]+[」』”’）】》]*\s*|\n\s*"""
)
# Before a full stop that ends no sentence: an initial, an ordinal, a Roman numeral, a title.
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'“«.\-])(?:[^\W\d_]|\d{1,2}|[IVX]+|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|No|Hz|Sv|Yrd|Doç|Av|Alb|TS|ThS|GS)$"
)


def sentence_around(text: str, begin: int, end: int, *, language: str) -> str:
    """The sentence that holds the characters ``begin`` to ``end``; several where they reach over a break.

    A sentence ends at a mark (``.!?``, or its script's own) before a space, at a mark of Chinese or Japanese, or at a
    line break; not at a full stop after an initial, an ordinal, a Roman numeral or a common title, nor before a small
    letter. Such a rule joins two sentences at times; it does not cut an answer. Thai and Lao mark no sentence: there it
    is a window of whole phrases (what stands between spaces) around the answer, grown on both sides inside its line
    until it has 170 characters.

    Args:
        text: a paragraph.
        begin: of the answer, in characters, 0 <= begin < len(text).
        end: behind the answer, above ``begin``.
        language: a canonical tag.

    >>> sentence_around("It was on 3. May. Dr. A. Smith left! Then?", 18, 20, language="en")
    'Dr. A. Smith left!'
    >>> sentence_around("在歐洲。後來發現。", 4, 6, language="zh")
    '後來發現。'
    """
    if language.split("-")[0] in _WITHOUT_MARKS:
        return _window(text, begin, end)
    overlapping = [span for span in _sentences(text) if span[0] < end and begin < span[1]]
    return text[overlapping[0][0] : overlapping[-1][1]].strip()


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences as (begin, end), which cover the text."""
    start = 0
    for end in _END.finditer(text):
        if end["mark"] and "\n" not in end[0]:
            stop = end["mark"] == "."
            if end["next"].islower() or (stop and _ABBREVIATED.search(text[start : end.start()])):
                continue
        yield start, end.end()
        start = end.end()
    if start < len(text):
        yield start, len(text)


def _window(text: str, begin: int, end: int) -> str:
    line_begin = text.rfind("\n", 0, begin) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    left, right = _phrase_begin(text, line_begin, begin), _phrase_end(text, line_end, end)
    while right - left < _WINDOW and (left > line_begin or right < line_end):
        left = _phrase_begin(text, line_begin, left - 1) if left > line_begin else left
        if right - left < _WINDOW and right < line_end:
            right = _phrase_end(text, line_end, right + 1)
    return text[left:right].strip()


def _phrase_begin(text: str, line_begin: int, place: int) -> int:
    return max(line_begin, text.rfind(" ", line_begin, max(place, line_begin)) + 1)


def _phrase_end(text: str, line_end: int, place: int) -> int:
    space = text.find(" ", place, line_end)
    return line_end if space < 0 else space
