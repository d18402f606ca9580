"""World facts: a parallel corpus in eleven languages, made from CLDR without network or weights."""

from equilingua.facts.corpus import Fact, facts, facts_pairs, write_facts_benchmark

__all__ = ["Fact", "facts", "facts_pairs", "write_facts_benchmark"]
