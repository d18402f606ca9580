"""A result by language, as tables: which find which, how far apart they rank, and which the ranking favours."""

from collections.abc import Iterator, Sequence

from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.rank_spread import RankSpread
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import POOL
from equilingua.metrics.naming import decimals
from equilingua.metrics.preference import MEANS, Exposure, TopHits
from equilingua.reports.tables import ALL, Cell, interval_text
from equilingua.tables import Table, value_text

POOL_NAME = "mixed pool"


def pair_cells(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of single languages and pairs, macro means left out."""
    return [cell for cell in cells if cell.query_language != ALL]


def language_table(label: str, cells: Sequence[Cell], measure: str) -> Table:
    """Query languages by passage languages: monolingual on the diagonal, the mixed pool in the last column."""
    of_pair = {(c.query_language, c.corpus_language): c for c in pair_cells(cells) if c.measure == measure}
    queries = sorted({query for query, _ in of_pair})
    corpora = sorted({corpus for _, corpus in of_pair} - {POOL})
    columns = [*corpora, POOL] if any(corpus == POOL for _, corpus in of_pair) else corpora
    digits = decimals(measure)
    rows = [
        (query, *(interval_text(cell, digits) if (cell := of_pair.get((query, corpus))) else "-" for corpus in columns))
        for query in queries
    ]
    intervals = "; with 95 % bootstrap intervals over items" if any(c.low is not None for c in of_pair.values()) else ""
    return Table(
        title=f"{label}: {measure} by query language (rows) and passage language (columns)",
        name=f"languages {label}",
        header=("queries", *(POOL_NAME if corpus == POOL else corpus for corpus in columns)),
        rows=tuple(rows),
        note=f"The diagonal is monolingual, the rest cross-lingual{intervals}.",
    )


def spread_table(label: str, spreads: Sequence[RankSpread], cells: Sequence[Cell]) -> Table:
    """Mean rank distance with its interval, and its quantiles, a row a query language."""
    distances = [cell for cell in pair_cells(cells) if cell.measure == "rank_distance"]
    means = {cell.query_language: interval_text(cell, 0) for cell in distances}
    known = any(cell.low is not None for cell in distances)
    return Table(
        title=f"{label}: rank distance by query language, in ranks",
        name=f"rank distance {label}",
        header=("queries", "mean [95 %]" if known else "mean", "10 %", "25 %", "median", "75 %", "90 %"),
        rows=tuple(
            (s.language, means.get(s.language, f"{s.mean:,.0f}"), *(f"{value:,.0f}" for value in s.quantiles))
            for s in spreads
        ),
        note="Ranks between a query's best and worst placed relevant passage in the mixed pool; lower is better. "
        "10 % to 90 %: percentiles over queries.",
    )


def shared_measures(results: Sequence[EvaluationResult]) -> list[str]:
    """Measures that every setting of every result has, in the order of the first: those that can fill a heat map."""
    means = [of_setting for result in results for of_setting in result.measures.values()]
    return [name for name in means[0] if all(name in others for others in means)] if means else []


def bias_tables(label: str, bias: LanguageBias) -> list[Table]:
    """All of them; a table without rows is left out."""
    makers = (exposure_table, exposure_by_query_language, top_hits_table, tests_table)
    return [table for make in makers if (table := make(label, bias)).rows]


def exposure_table(label: str, bias: LanguageBias) -> Table:
    """A row a passage language: its mean share of the first k places, of the pool, and the difference."""
    rows = tuple((lang, _percent(e.share), _percent(e.pool_share), _points(e)) for lang, e in bias.exposure.items())
    known = any(exposure.interval for exposure in bias.exposure.values())
    return Table(
        title=f"{label}: passage languages in the first {bias.k} places",
        name=f"exposure {label}",
        header=("passages", "share of places, %", "share of pool, %", _headed("difference", known)),
        rows=rows,
        note=f"{MEANS} A ranking that does not look at language has a difference of 0.",
    )


def exposure_by_query_language(label: str, bias: LanguageBias) -> Table:
    """Query languages by passage languages: share of the first k places minus share of the pool."""
    rows = tuple(
        (query, *(_points(of_query[language]) for language in bias.exposure))
        for query, of_query in bias.exposure_per_language.items()
    )
    known = any(e.interval for of_query in bias.exposure_per_language.values() for e in of_query.values())
    intervals = ", with 95 % intervals" if known else ""
    return Table(
        title=f"{label}: first {bias.k} places by query language (rows) and passage language (columns)",
        name=f"exposure by query {label}",
        header=("queries", *bias.exposure),
        rows=rows,
        note=f"Share of the places minus share of the pool, in percentage points{intervals}. A high diagonal: queries "
        "favour passages of their own language.",
    )


def top_hits_table(label: str, bias: LanguageBias) -> Table:
    """A row a query language: whether what stands first is relevant, and in the query's language."""
    return Table(
        title=f"{label}: what stands first",
        name=f"first places {label}",
        header=("queries", "number", "right, own language", "right, other", "wrong, own language", "wrong, other"),
        rows=tuple((language, *_shares(hits)) for language, hits in bias.top_hits.items()),
        note="In % of the queries that have relevant passages in their own and in another language. Wrong passages of "
        "the query's own language: language won over content.",
    )


def tests_table(label: str, bias: LanguageBias) -> Table:
    """A row a test or measure: its value, and what it would be without any preference."""
    known = bias.peer.interval is not None or (bias.rank_correlation is not None and bias.rank_correlation.interval)
    return Table(
        title=f"{label}: tests of language bias",
        name=f"bias tests {label}",
        header=("measure", _headed("value", bool(known)), "without preference", "reading"),
        rows=tuple(_tests(bias)),
    )


def _tests(bias: LanguageBias) -> Iterator[tuple[str, str, str, str]]:
    if bias.friedman is not None:
        test = bias.friedman
        reading = f"agreement of {test.blocks:,} items on the order of languages, p {_p(test.p)}"
        yield "Kendall's W (Friedman)", f"{test.kendall_w:.3f}", f"about {1 / test.blocks:.3f}", reading
    if bias.rank_correlation is not None:
        correlation = bias.rank_correlation
        reading = "rank correlation of parallel queries in two languages"
        yield f"MRC@{bias.k}", value_text(correlation.mean, correlation.interval), "1", reading
    if bias.peer.value is None:
        yield f"PEER@{bias.k}", "-", ".5 to 1", bias.peer.reason
    else:
        reading = f"mean p-value of equal ranks, {bias.peer.queries:,} queries; nearer 1 where little is found"
        yield f"PEER@{bias.k}", value_text(bias.peer.value, bias.peer.interval), ".5 to 1", reading
    if bias.probes is not None and bias.probes.language_accuracy is not None:
        reading = "passages whose language a linear classifier reads from the vector"
        yield "language accuracy", f"{bias.probes.language_accuracy:.3f}", f"{bias.probes.chance:.3f}", reading


def _shares(hits: TopHits) -> tuple[str, ...]:
    counts = hits.right_own, hits.right_other, hits.wrong_own, hits.wrong_other
    return (f"{hits.queries:,}", *(_percent(count / hits.queries) for count in counts))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(exposure: Exposure) -> str:
    ends = exposure.interval
    return value_text(100 * exposure.difference, ends and (100 * ends[0], 100 * ends[1]), form="+.1f")


def _headed(name: str, known: bool) -> str:
    """A column's name, with the level of its intervals where there are any."""
    return f"{name} [95 %]" if known else name


def _p(p: float) -> str:
    return "< .0001" if p < 0.0001 else f"= {p:.4f}"
