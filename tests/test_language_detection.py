"""Language detection: sure hits are named, doubtful and rare ones are not."""

import pytest

from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.language_comparison import Doubt, compare_languages
from equilingua.language_detection import detect_languages, detectable_languages
from equilingua.languages import UNDETERMINED


def test_a_single_text_in_a_rare_language_is_left_undetermined():
    english = [f"This is sentence number {n} of a report on harvests." for n in range(600)]
    found = detect_languages([*english, "Dies ist ein deutscher Satz über die Ernte."])
    assert set(found.languages[:600]) == {"en"}
    assert found.languages[600] == UNDETERMINED
    found = detect_languages([*english, "Dies ist ein deutscher Satz über die Ernte."], expected=["de", "en"])
    assert found.languages[600] == "de"


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


NORWEGIAN = [
    "Regjeringen la i går fram et forslag til nytt budsjett for kommunene.",
    "Hvem skrev boken som handler om reisen til Svalbard?",
    "Det er ikke lov å parkere foran inngangen til sykehuset.",
    "Fiskerne kom tilbake til havna med båten full av torsk.",
]
CHINESE = [
    "这座城市的地铁系统每天运送数百万名乘客。",
    "谁是这本关于海洋历史的书的作者？",
    "研究人员发现了一种新的植物物种。",
    "他们正在讨论如何改善农村地区的医疗服务。",
]
ARABIC = [
    "أعلنت الحكومة عن خطة جديدة لتطوير التعليم في المدارس.",
    "من هو مؤلف هذا الكتاب عن تاريخ البحر؟",
    "وصل القطار إلى المحطة متأخرا بسبب العاصفة.",
]
SERBIAN = [
    "Vlada je juče predstavila novi predlog zakona o školama u gradu.",
    "Ko je napisao knjigu o istoriji železnice na Balkanu?",
    "Deca su posle škole otišla na reku da love ribu.",
    "Voz je zbog snega stigao u Beograd sa velikim zakašnjenjem.",
]


@pytest.mark.parametrize(
    ("texts", "expected", "tag"),
    [
        (NORWEGIAN, ["nb", "de"], "nb"),
        (NORWEGIAN, ["no", "de"], "no"),
        (NORWEGIAN, [], "no"),
        (CHINESE, ["zh-CN", "en"], "zh-CN"),
        (CHINESE, ["zh-Hans", "en"], "zh-Hans"),
        (CHINESE, [], "zh"),
        (ARABIC, ["arz", "en"], "arz"),
        (SERBIAN, ["sr", "en"], "sr"),
        (SERBIAN, ["sr-Latn", "en"], "sr-Latn"),
        (SERBIAN, ["sr", "de", "en", "hu"], "sr"),
    ],
)
def test_a_detected_language_has_the_tag_that_is_expected_of_it(texts: list[str], expected: list[str], tag: str):
    assert set(detect_languages(texts, expected=expected).languages) == {tag}


def test_alemannic_is_not_taken_for_albanian():
    alemannic = [
        "S Elsass isch e Region im Oschte vo Frankrych, wo vil Lüt no Elsässisch schwätze.",
        "D Stadt Basel lyt am Rhy un het öbbe hundertsibezgdausig Yywooner.",
        "Er isch uf em Land uffgwachse un het spöter in Züri gläbt un gschafft.",
    ]
    albanian = ["Qeveria prezantoi dje një projektligj të ri për shkollat.", "Kush e shkroi librin për historinë?"]
    assert "sq" not in detect_languages(alemannic).languages
    assert set(detect_languages(albanian, expected=["sq"]).languages) == {"sq"}
    assert "gsw" in detectable_languages()


@pytest.mark.parametrize("text", ["Ja", "42", "Nokia", "3 km", "iPhone 15", "x = 5", "?", "\u200b", "-- 17 --"])
@pytest.mark.parametrize("expected", [[], ["en", "fi"]])
def test_what_is_too_short_to_tell_is_undetermined(text: str, expected: list[str]):
    english = [f"This is sentence number {n} of a report on harvests." for n in range(50)]
    assert detect_languages([*english, text], expected=expected).languages[-1] == UNDETERMINED
    assert detect_languages([text], expected=expected).languages == (UNDETERMINED,)


def test_a_text_that_might_be_in_two_languages_is_taken_for_the_one_of_the_others():
    # Of itself Spanish and Portuguese both: among Portuguese it is Portuguese, among Spanish Spanish.
    among = {
        "pt": [f"O relatório número {n} descreve a colheita do ano passado na região." for n in range(40)],
        "es": [f"El informe número {n} describe la cosecha del año pasado en la región." for n in range(40)],
    }
    for tag, texts in among.items():
        found = detect_languages([*texts, "Historia natural de la casa"], expected=[tag, "en"])
        assert found.languages[-1] in (tag, UNDETERMINED), tag


@pytest.mark.shared_data
def test_questions_of_a_known_corpus_are_seldom_left_out_and_hardly_ever_wrong(shared_data):
    benchmark = load_benchmark("xquad-r", data=shared_data)
    told = [(tag, text) for tag, queries in benchmark.queries.items() for text in queries.texts]
    found = detect_languages([text for _, text in told], expected=sorted(benchmark.corpora)).languages
    unsure = sum(tag == UNDETERMINED for tag in found)
    wrong = sum(tag not in (UNDETERMINED, right) for tag, (right, _) in zip(found, told, strict=True))
    assert unsure < 0.01 * len(told)
    assert wrong < 0.002 * len(told)


def korean(count: int) -> list[str]:
    return [f"이 보고서는 {n}번째 도시의 교통과 주택 문제를 자세히 설명하고 있습니다." for n in range(count)]


def test_a_country_code_is_told_even_where_the_detector_knows_no_such_language():
    swedish = [f"Rapport nummer {n} beskriver hur skörden gick i landets södra delar." for n in range(20)]
    portuguese = [f"O relatório número {n} descreve a colheita do ano passado na região." for n in range(20)]
    english = [f"This is sentence number {n} of a long report on last year's harvests." for n in range(20)]
    found = compare_languages({"kr": korean(20), "se": swedish, "br": portuguese, "en": english})
    assert found.unchecked == ()
    assert found.doubts == (
        Doubt("br", 20, {"pt": 20}, "Brazil"),
        Doubt("kr", 20, {"ko": 20}, "South Korea"),
        Doubt("se", 20, {"sv": 20}, "Sweden"),
    )


def test_a_language_that_the_detector_lacks_is_told_to_be_unchecked():
    zulu = [f"Umbiko wenombolo {n} uchaza ukuthi isivuno sabe sinjani ngonyaka odlule." for n in range(20)]
    assert "zu" not in detectable_languages()
    found = compare_languages({"zu": zulu, "kr": zulu})
    assert (found.doubts, found.unchecked) == ((), ("kr", "zu"))


def test_a_tag_with_a_region_or_of_a_macrolanguage_is_no_doubt():
    norwegian = [text for text in NORWEGIAN for _ in range(5)]
    assert compare_languages({"nb": norwegian, "zh-CN": CHINESE * 5, "arz": ARABIC * 5}).doubts == ()


@pytest.mark.parametrize(
    ("text", "not_in"),
    [
        ("陣陣秋風處處地奔走", "fr"),
        ("加", "ja"),
        ("PROJECT TAGGING CRITERIA", "ko"),
        ("北京大观园", "vi"),
        ("風", "vi"),
    ],
)
def test_no_language_is_found_whose_letters_a_text_lacks(text: str, not_in: str):
    assert detect_languages([text]).languages != (not_in,)


def test_every_language_of_the_detector_is_written_in_some_script():
    greetings = {
        "sr": "Ђорђе је јуче купио њену књигу о ћирилици.",
        "he": "מה שלומך היום, ידידי היקר?",
        "ja": "今日はとても天気がいいですね。",
    }
    assert detect_languages([*greetings.values()]).languages == (*greetings,)
