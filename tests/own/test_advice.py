"""Sentences say what was measured, and no more."""

import pytest
from invented import measured

from upsampling.own.advice import advise, ranking, signed
from upsampling.own.methods import GENERATOR, NAIVE


def said(means, end="done", spread=0.001, **settings):
    found = measured(means, spread, **settings)
    return advise(found, 0.2, end), found


def test_a_clear_gain_over_doing_nothing_is_one_sentence_with_one_interval():
    advice, _ = said({"raw_logistic": 0.4, "naive_logistic": 0.5})
    assert advice.headline == "Use logistic regression on copied rows."
    assert advice.sentences[0].startswith(
        "Over doing nothing (logistic regression on the rows as they are) it gains +10.0 points"
    )
    assert advice.sentences[0].count("interval") == 1


def test_where_nothing_is_better_the_rows_stay_as_they_are():
    advice, _ = said({"raw_logistic": 0.5, "raw_lightgbm": 0.3, "naive_logistic": 0.4})
    assert advice.headline == "Leave your rows as they are, and train logistic regression."
    assert (
        "No treatment of the rows was shown to be better: the best of them, logistic regression on copied rows, differs from doing nothing (logistic regression on the rows as they are) by -10.0"
        in advice.text()
    )
    assert "Logistic regression is the simplest choice, and the best on the rows as they are." in advice.sentences


def test_why_the_simplest_is_advised_where_another_scored_higher_is_said():
    advice, _ = said({"raw_logistic": 0.975, "raw_regularised": 0.977}, spread=0.01)
    assert advice.chosen == "raw_logistic"
    assert (
        "Logistic regression is the simplest choice, and within one point of the best on the rows as they are, regularised LightGBM "
        "(97.5 against 97.7 %)." in advice.sentences
    )


def test_what_the_simplest_choice_would_lose_is_said():
    advice, _ = said({"raw_logistic": 0.3, "raw_regularised": 0.5})
    assert "The simplest choice, logistic regression on the rows as they are, would lose 20.0 points" in advice.text()


def test_where_rows_say_nothing_it_says_how_many_would():
    advice, found = said({"raw_logistic": 0.5, "naive_logistic": 0.52, "raw_lightgbm": 0.2}, spread=0.1)
    row = advice.table.set_index("method").loc["naive_logistic"]
    expected = found.y.sum() * ((row["high"] - row["gain"]) / max(row["gain"], 0.01)) ** 2
    (sentence,) = [text for text in advice.sentences if "positive rows" in text]
    number = int(sentence.split("about ")[1].split(" positive")[0].replace(",", ""))
    assert number == pytest.approx(expected, rel=0.06)
    assert "No clear difference from logistic regression: logistic regression on copied rows." in advice.sentences


def test_where_nothing_can_be_told_apart_no_list_of_methods_is_read_out():
    scores = {"raw_logistic": 0.5, "raw_lightgbm": 0.48, "naive_logistic": 0.49, "smotenc_logistic": 0.49}
    advice, _ = said(scores, spread=0.1)
    assert "None of the other 7 methods differs clearly from logistic regression." in advice.sentences


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("done", "Nothing more was run: going by the folds so far, more would hardly change the advice."),
        ("time", "The time is over; more could still change the advice."),
        ("stopped", "You stopped it before these were tried: copied rows, SMOTE-NC and the generator."),
    ],
)
def test_why_it_ended_is_said(end, sentence):
    assert said({"raw_logistic": 0.5}, end)[0].sentences[-1] == sentence


def test_what_failed_and_what_did_not_fit_is_said():
    found = measured({"raw_logistic": 0.5})
    found.problems[NAIVE] = "too few rows."
    found.left_out[GENERATOR] = "would take about 300 s more"
    last = advise(found, 0.2, "time").sentences[-1]
    assert (
        last
        == "Copied rows could not be run: too few rows. The generator would take about 300 s more; --budget allows for it."
    )


def test_precisions_compare_although_methods_were_judged_on_different_folds():
    found = measured({"raw_logistic": 0.13, "naive_logistic": 0.144}, folds={"naive_logistic": 5})
    found.precision["raw_logistic"][:5] = 0.156
    precision = ranking(found).set_index("method")["precision"]
    assert precision["raw_logistic"] == pytest.approx(0.1326)
    assert precision["naive_logistic"] == pytest.approx(0.1326 - 0.012)


@pytest.mark.parametrize(
    ("difference", "text"), [(-0.0004, "0.0"), (0.0004, "0.0"), (-0.0006, "-0.1"), (0.012, "+1.2")]
)
def test_what_rounds_to_zero_has_no_sign(difference, text):
    assert signed(difference) == text
