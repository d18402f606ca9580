import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.pairs.sentences import sentence_around


def around(text: str, answer: str, language: str) -> str:
    begin = text.index(answer)
    return sentence_around(text, begin, begin + len(answer), language=language)


@pytest.mark.parametrize(
    ("language", "text", "answer", "expected"),
    [
        ("en", "It rained. J. K. Roe met Dr. No at 3 p.m. here! Then?", "Roe", "J. K. Roe met Dr. No at 3 p.m. here!"),
        ("en", "He left in 1923.[8]:1 She stayed (for now.) They met.", "stayed", "She stayed (for now.)"),
        ("en", "A heading\nThe text. More.", "text", "The text."),
        ("tr", "O, II. Murat 19. Yüzyıl için öldü. Sonra.", "Yüzyıl", "O, II. Murat 19. Yüzyıl için öldü."),
        ("ar", "ما هذا؟ هذا كتاب. نعم.", "كتاب", "هذا كتاب."),
        ("zh", "在歐洲，他說：「好。」後來發現印歐語系！又來。", "印歐", "後來發現印歐語系！"),
        ("ko", "서울은 수도이다. 부산은 항구이다. 끝.", "항구", "부산은 항구이다."),
        ("hi", "यह पहला है। यह दूसरा है। अंत", "दूसरा", "यह दूसरा है।"),
    ],
)  # fmt: skip
def test_the_sentence_holds_the_answer_and_no_more(language: str, text: str, answer: str, expected: str) -> None:
    assert around(text, answer, language) == expected


def test_an_answer_over_a_break_takes_both_sentences() -> None:
    assert around("One. Two came. Three came. Four.", "came. Three", "en") == "Two came. Three came."


def test_thai_gives_whole_phrases_around_the_answer_inside_its_line() -> None:
    phrases = [f"ประโยค{number}" + "ก" * 30 for number in range(12)]
    line = " ".join(phrases)
    found = around(f"หัวเรื่อง\n{line}\nท้าย", "ประโยค6", "th")
    assert set(found.split(" ")) <= set(phrases)
    assert 170 <= len(found) <= 170 + 39
    assert "ประโยค5" in found
    assert "ประโยค7" in found
    assert around("หัวเรื่อง\nสั้น มาก\nท้าย", "มาก", "th") == "สั้น มาก"


@given(text=st.text(alphabet="ab .!\n。ก7", min_size=1), data=st.data(), language=st.sampled_from(["en", "zh", "th"]))
def test_no_answer_is_ever_cut(text: str, data: st.DataObject, language: str) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(begin + 1, len(text)))
    assert text[begin:end].strip() in sentence_around(text, begin, end, language=language)
