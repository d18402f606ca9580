"""What stands before queries and passages: the one place that decides it, for training as for everything else."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# The names under which model folders keep the prompt of a role, in small letters with underscores; the first that has
# a text is taken. The first line of each are sentence-transformers' own, the others those of models on the hub.
QUERY_NAMES = (
    "query", "queries",
    "question", "questions", "search_query", "retrieval_query", "s2p_query", "web_search_query",
)  # fmt: skip
PASSAGE_NAMES = (
    "document", "passage", "corpus", "documents", "passages",
    "doc", "context", "search_document", "search_passage", "retrieval_document", "retrieval_passage", "s2p_document",
    "s2p_passage",
)  # fmt: skip

_NAMES = {"query": QUERY_NAMES, "document": PASSAGE_NAMES}


@dataclass(frozen=True, slots=True)
class RolePrompts:
    """The texts put before every query and before every passage; empty for none."""

    query: str = ""
    document: str = ""

    def of(self, role: str) -> str:
        """The prompt of the role ``query`` or ``document``."""
        return self.query if role == "query" else self.document

    def record(self) -> dict[str, str]:
        """By role, those that are there: what results and trainings record."""
        return {role: self.of(role) for role in _NAMES if self.of(role)}


def role_prompts(model: Any, *, query: str | None = None, passage: str | None = None) -> RolePrompts:
    """The prompts a model is used with: those given here (an empty text for none), else its own by role.

    A model keeps the prompt of passages as ``document``, ``passage`` or ``corpus``, that of queries as ``query``,
    ``question`` or after its task (``retrieval.query``, ``s2p_query``). What its ``default_prompt_name`` names is the
    prompt of a role that has none, unless it is that of the other role.

    The stock ``encode_document`` takes ``document`` even where that is empty, as it is wherever a folder does not set
    it: the prompt ``passage``, which E5's folders have, would never be used.

    >>> from types import SimpleNamespace
    >>> role_prompts(SimpleNamespace(prompts={"query": "query: ", "document": "", "passage": "passage: "}))
    RolePrompts(query='query: ', document='passage: ')
    """
    own = _own_prompts(model)
    return RolePrompts(own["query"] if query is None else query, own["document"] if passage is None else passage)


def set_prompts(model: Any, prompts: RolePrompts) -> None:
    """Give a sentence-transformers model these prompts, so that its stock methods and its saved folder have them too.

    Prompts of other tasks stay. The role's other names go: a folder with two prompts for passages would be read
    differently by different libraries. A default prompt that was one of them is now that of the role.
    """
    roles = {name: role for role, names in _NAMES.items() for name in names}
    default = roles.get(_plain(model.default_prompt_name or ""), model.default_prompt_name)
    others = {name: text for name, text in model.prompts.items() if _plain(name) not in roles}
    model.prompts = {"query": prompts.query, "document": prompts.document, **others}
    model.default_prompt_name = default


def unlike_stock(model: Any) -> tuple[str, ...]:
    """One sentence a role, where the stock methods of a sentence-transformers model would put something else."""
    ours, notes = role_prompts(model), []
    for role, noun, names in (("query", "queries", ("query",)), ("document", "passages", PASSAGE_NAMES[:3])):
        # The first name that is there, be it empty; the default prompt only where none is.
        stored = next((model.prompts[name] for name in names if name in model.prompts), None)
        stock = (model.prompts.get(model.default_prompt_name) if stored is None else stored) or ""
        if stock != ours.of(role):
            used, otherwise = (f"behind {text!r}" if text else "without a prompt" for text in (ours.of(role), stock))
            notes.append(f"{noun} are encoded {used}, as the model's prompts say; its stock encode_{role}: {otherwise}")
    return tuple(notes)


def _own_prompts(model: Any) -> dict[str, str]:
    stored = getattr(model, "prompts", None)
    if not isinstance(stored, Mapping):
        return dict.fromkeys(_NAMES, "")
    # Of two spellings of one name, the first that has a text.
    texts: dict[str, str] = {}
    for name, text in stored.items():
        texts[_plain(name)] = texts.get(_plain(name)) or text or ""
    default = _plain(getattr(model, "default_prompt_name", None) or "")
    of_any_role = {name for names in _NAMES.values() for name in names}
    fallback = "" if default in of_any_role else texts.get(default, "")
    return {role: _first(texts.get(name) for name in names) or fallback for role, names in _NAMES.items()}


def _first(texts: Iterable[str | None]) -> str:
    return next((text for text in texts if text), "")


def _plain(name: str) -> str:
    """``Retrieval-query`` and ``retrieval.query`` are one name."""
    return re.sub(r"\W+", "_", name).lower()


@dataclass(frozen=True, slots=True)
class _Family:
    """Models that are made with prompts, by their names on the hub, and what their cards put before texts."""

    name: str
    pattern: str
    query: str
    passage: str = ""


_SEARCHING = "Represent this sentence for searching relevant passages: "
_INSTRUCTION = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "

# Of cards that are plain about it. The first that fits a name is taken; (?<![a-z0-9]) begins a word.
_FAMILIES = (
    _Family("E5 models with instructions", r"(?<![a-z0-9])e5[-_].*(instruct|mistral)", _INSTRUCTION),
    _Family("E5 models", r"(?<![a-z0-9])e5(?![a-z0-9])", "query: ", "passage: "),
    _Family("English BGE models", r"(?<![a-z0-9])bge[-_](small|base|large)[-_]en", _SEARCHING),
    _Family(
        "Chinese BGE models", r"(?<![a-z0-9])bge[-_](small|base|large)[-_]zh", "为这个句子生成表示以用于检索相关文章："
    ),
    _Family("Nomic's models", r"nomic[-_]embed[-_]text", "search_query: ", "search_document: "),
    _Family("Arctic 2 models", r"arctic[-_]embed[-_][a-z]+[-_]v2", "query: "),
    _Family("Arctic models", r"arctic[-_]embed", _SEARCHING),
    _Family("Mixedbread's English models", r"mxbai[-_]embed[-_]large", _SEARCHING),
    _Family("GTE models with instructions", r"(?<![a-z0-9])gte[-_]qwen", _INSTRUCTION),
    _Family("Qwen's embedding models", r"qwen3[-_]embedding", _INSTRUCTION),
    _Family("EmbeddingGemma models", r"embeddinggemma", "task: search result | query: ", "title: none | text: "),
)


def missing_prompts(names: Iterable[str], prompts: RolePrompts) -> str | None:
    """One line where a model of a family that is made with prompts is used without; None where nothing is missing.

    Told, not mended: the name of a folder is no proof, and what was fine-tuned without prompts wants none.

    >>> missing_prompts(["models/e5-small"], RolePrompts(query="query: "))
    "E5 models are made with prompts and this one comes without: give --passage-prompt 'passage: '"
    """
    for family in _FAMILIES:
        if any(re.search(family.pattern, name.lower()) for name in names):
            wanted = {
                "--query-prompt": (family.query, prompts.query),
                "--passage-prompt": (family.passage, prompts.document),
            }
            lacking = [f"{option} {usual!r}" for option, (usual, used) in wanted.items() if usual and not used]
            made = f"{family.name} are made with prompts and this one comes without"
            return f"{made}: give {' '.join(lacking)}" if lacking else None
    return None
