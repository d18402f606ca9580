import json
from pathlib import Path

import pytest

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.training.config import Prompts, TrainingConfig
from equilingua.training.load import load_config


def test_defaults_are_the_papers() -> None:
    config = TrainingConfig().resolved("pretrained", steps_per_epoch=700, precision="bf16")
    assert (config.kind, config.alpha, config.batch_size) == ("hybrid", 0.5, 100)
    assert (config.learning_rate, config.weight_decay, config.temperature) == (3e-5, 1e-2, 0.05)
    assert (config.steps, config.precision) == (700, "bf16")


def test_a_static_encoder_gets_defaults_of_its_own_where_none_were_set() -> None:
    config = TrainingConfig(learning_rate=0.5, epochs=1.5).resolved("static", steps_per_epoch=101, precision="fp32")
    assert (config.batch_size, config.learning_rate, config.warmup, config.steps) == (512, 0.5, 0.0, 152)
    assert config.epochs is None


def test_intervals_fit_the_number_of_steps() -> None:
    def intervals(**settings: int) -> tuple[int, int, int]:
        config = TrainingConfig(**settings).resolved("pretrained", steps_per_epoch=1, precision="fp32")
        return config.validation_steps, config.checkpoint_steps, config.log_steps

    assert intervals(steps=4) == (1, 1, 1)
    assert intervals(steps=2_000) == (200, 200, 50)
    assert intervals(steps=100_000) == (500, 500, 50)
    assert intervals(steps=2_000, validation_steps=30) == (30, 30, 50)


def test_later_places_win(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('alpha = 0.1\nkind = "within-batch"\nepochs = 3\ntemperature = 0.1\n[prompts]\nquery = "Q: "\n')
    config = load_config(path, ["alpha=0.2", "prompts.passage='P: '", "seed=4"], alpha=0.3, steps=7)
    assert (config.alpha, config.kind, config.seed, config.temperature) == (0.3, "within-batch", 4, 0.1)
    assert config.prompts == Prompts(query="Q: ", passage="P: ")
    assert (config.steps, config.epochs) == (7, None)


def test_alpha_given_for_batches_without_it_is_told() -> None:
    with pytest.warns(EquilinguaWarning, match="alpha=0.3 has no part in en-en batches"):
        load_config(overrides=["alpha=0.3"], kind="en-en")
    with pytest.warns(EquilinguaWarning, match="alpha=0.3 has no part in x-y batches"):
        load_config(kind="x-y", alpha=0.3)
    load_config(kind="within-batch", alpha=0.3)


def test_settings_change_a_configuration() -> None:
    base = TrainingConfig(alpha=0.1, prompts=Prompts(query="Q: "), languages=("en",))
    config = load_config(base=base, seed=3)
    assert config == base.model_copy(update={"seed": 3})


def test_a_value_that_is_no_toml_is_a_text() -> None:
    assert load_config(overrides=["alpha=linear:1:0.3", "validation=dev.json"]).validation == ("dev.json",)


def test_one_value_serves_where_several_may_stand(tmp_path: Path) -> None:
    config = load_config(validation=tmp_path / "dev.json", languages="en", where=["a>=1", "b<2"])
    assert config.validation == (str(tmp_path / "dev.json"),)
    assert (config.languages, config.where) == (("en",), ("a>=1", "b<2"))


def test_every_problem_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('alhpa = 0.5\nbatch_size = 1\n\nkind = "hybird"\n[prompts]\nqeury = "Q: "\n')
    with pytest.raises(InputError) as caught:
        load_config(path, ["alpha=2", "nonsense"], directions=())
    lines = str(caught.value).splitlines()
    assert lines[0] == "training configuration: 7 problems"
    assert "--set nonsense: write key=value, such as alpha=0.5 or prompts.query='Q: '" in lines
    assert f"{path}:1: unknown option 'alhpa'. Did you mean 'alpha'?" in lines
    assert any(line.startswith(f"{path}:2: batch_size: must be at least 2, got 1: the other rows") for line in lines)
    assert any(line.startswith(f"{path}:4: kind: unknown value 'hybird'. Did you mean 'hybrid'?") for line in lines)
    assert f"{path}:6: unknown option 'prompts.qeury'. Did you mean 'prompts.query'?" in lines
    assert "--set alpha=2: alpha: alpha must lie in [0, 1], got 2: it is the share of monolingual batches" in lines
    assert "argument: directions: give at least one of query-to-passage, passage-to-query, got ()" in lines


def test_steps_and_epochs_from_the_same_place_exclude_each_other() -> None:
    with pytest.raises(InputError, match=r"steps \(3\) and epochs \(2\) were both given: give one"):
        load_config(steps=3, epochs=2)


def test_checkpoints_between_validations_are_refused() -> None:
    with pytest.raises(InputError, match=r"checkpoint_steps \(5\) must equal validation_steps \(10\)"):
        load_config(validation="dev.json", checkpoint_steps=5, validation_steps=10)
    with pytest.raises(InputError, match=r"checkpoint_steps \(20\) must equal validation_steps \(10\)"):
        load_config(validation="dev.json", checkpoint_steps=20, validation_steps=10)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_bytes('prompts.query = "Frage f\u00fcr: "\n'.encode("latin-1"))
    with pytest.raises(InputError, match=r"t\.toml:1: byte 0xfc is not UTF-8"):
        load_config(path)


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text("alpha = 0.5\nbeta = = 3\n")
    with pytest.raises(InputError, match=r"t\.toml: not TOML: .*line 2"):
        load_config(path)


def test_every_setting_is_documented() -> None:
    assert [name for name, field in TrainingConfig.model_fields.items() if not field.description] == []


def test_options_of_sources_and_languages_are_set_in_a_file_or_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text(
        'alpha = {en = 0.8, default = 0.5}\nmonolingual_sources = "squad"\n[source_weights]\nsquad = 1\n"bt.v2" = 3\n'
    )
    config = load_config(path, ["alpha.zh-Hans=0.2", "source_weights.squad=0.8", "cross_lingual_sources=['bt.v2']"])
    assert config.alpha == {"en": 0.8, "default": 0.5, "zh-Hans": 0.2}
    assert config.source_weights == {"squad": 0.8, "bt.v2": 3}
    assert (config.monolingual_sources, config.cross_lingual_sources) == (("squad",), ("bt.v2",))
    described = config.plan().describe()
    assert (described["alpha"], described["source_weights"]) == (config.alpha, config.source_weights)


def test_options_of_sources_and_languages_survive_json() -> None:
    config = load_config(
        alpha={"en": 0.8, "default": 0.5}, source_weights={"a.b": 1.5, "c": 0}, cross_lingual_sources=["c", "a.b"]
    ).resolved("pretrained", steps_per_epoch=10, precision="fp32")
    plain = json.loads(json.dumps(config.model_dump(mode="json")))
    assert type(config).model_validate(plain) == config
    assert load_config(base=config).plan() == config.plan()


def test_problems_of_the_new_tables_are_told() -> None:
    with pytest.raises(InputError) as caught:
        load_config(overrides=["alpha.en=2", "source_weights.a=many"])
    lines = str(caught.value).splitlines()
    assert any(line.startswith("--set alpha.en=2: alpha: alpha of 'en' must lie in [0, 1], got 2") for line in lines)
    assert any(line.startswith("--set source_weights.a=many: source_weights.a: must be a number") for line in lines)
    with pytest.raises(InputError, match="source weights: 'a' must weigh 0 or more, got -1"):
        load_config(overrides=["source_weights.a=-1"])
    with pytest.raises(InputError, match=r"source_weights\.a: must be a number"):
        load_config(overrides=["source_weights.a={}"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("steps = true", "steps: must be a whole number, got True"),
        ('batch_size = "64"', "batch_size: must be a whole number, got '64'"),
        ("temperature = false", "temperature: must be a number, got False"),
        ('[source_weights]\n"a.b" = true', "source_weights.a.b: must be a number, got True"),
        ('languages = "en,it"', r"languages\.1: unknown language 'en,it'"),
    ],
)
def test_what_is_no_number_or_no_language_is_refused_with_its_line(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text(f"seed = 1\n{text}\n")
    with pytest.raises(InputError, match=rf"t\.toml:{2 + text.count(chr(10))}: {problem}"):
        load_config(path)


def test_names_with_dots_are_quoted_in_overrides_as_in_files() -> None:
    config = load_config(overrides=['source_weights."my.docs"=0.8', "source_weights.a.b=1", 'source_weights."a=b"=2'])
    assert config.source_weights == {"my.docs": 0.8, "a.b": 1, "a=b": 2}


def test_of_overrides_the_last_wins_even_if_it_was_given_before() -> None:
    assert load_config(overrides=["seed=1", "seed=2", "seed=1"]).seed == 1


def test_an_override_that_is_quoted_takes_the_place_of_its_alternative(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text("epochs = 2\n")
    config = load_config(path, ['"steps"=5'])
    assert (config.steps, config.epochs) == (5, None)


def test_an_override_that_toml_reads_as_nothing_is_an_unknown_setting() -> None:
    with pytest.raises(InputError, match=r"unknown option '#steps'\. Did you mean 'steps'\?"):
        load_config(overrides=["#steps=5"])


def test_a_problem_of_two_overrides_is_not_told_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text("seed = 1\n")
    with pytest.raises(InputError, match=r"\nsteps \(5\) and epochs \(2\) were both given"):
        load_config(path, ["steps=5", "epochs=2"])


def test_every_unknown_language_is_told_and_places_in_lists_count_from_1() -> None:
    with pytest.raises(
        InputError, match=r"(?s)languages\.1: unknown language 'x1'.*languages\.3: unknown language 'y1'"
    ):
        load_config(languages=["x1", "de", "y1"])
    with pytest.raises(InputError, match=r"languages\.2: must be a text, got 3"):
        load_config(languages=["de", 3])


def test_a_settings_file_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text("seed = 7\n", encoding="utf-8-sig")
    assert load_config(path).seed == 7
