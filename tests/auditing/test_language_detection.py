"""Language detection: sure hits are named, doubtful and rare ones are not."""

import pytest

from equilingua.auditing.texts import detect_languages, detectable_languages
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.languages import UNDETERMINED


def test_a_single_text_in_a_rare_language_is_left_undetermined():
    english = [f"This is sentence number {n} of a report on harvests." for n in range(600)]
    found = detect_languages([*english, "Dies ist ein deutscher Satz über die Ernte."])
    assert set(found.languages[:600]) == {"en"}
    assert found.languages[600] == UNDETERMINED
    assert found.confidences[600] > 0.9


def test_texts_of_several_lines_and_without_letters_are_taken():
    found = detect_languages(["Wer ist da?\nIch bin es, dein Nachbar.", "", "12 + 30 = 42"])
    assert found.languages == ("de", UNDETERMINED, UNDETERMINED)


def test_no_texts_are_refused():
    with pytest.raises(InputError, match="no texts whose language"):
        detect_languages([])


@pytest.mark.shared_data
def test_most_xquad_r_passages_are_recognised(shared_data):
    benchmark = load_benchmark("xquad-r", data=shared_data)
    for language, corpus in benchmark.corpora.items():
        found = detect_languages(corpus.texts).languages
        assert sum(tag == language for tag in found) > 0.95 * len(found), language


def test_the_detector_knows_its_languages_and_no_others():
    known = detectable_languages()
    assert {"en", "de", "zh", "sw", "th"} <= known
    assert not {"eml", "tlh", UNDETERMINED} & known
