"""Prices: exact, rounded once and upward, whole tokens, never nothing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from generations.catalogue import files, price_coverage
from generations.catalogue.price_rules import Amount, Facts, FileFacts, PriceRule, Unpriced, cost, cost_rule
from generations.tests.fixtures import read_catalogue

ENTRIES = {one.slug: one for one in read_catalogue()}
AMOUNT = TypeAdapter(Amount)
ROWS = [{"label": {"ru": "Цена", "en": "Price"}, "input": {}}]


def amount(**rule):
    return AMOUNT.validate_python(rule)


def fixed(value):
    return {"kind": "fixed", "amount": value}


def rule(of, minimum=1):
    return PriceRule.model_validate({"amount": of, "minimum": minimum, "rows": ROWS})


def per_second(**more):
    return {"kind": "per_unit", "measure": "value", "of": "duration", "rate": fixed("0.1"), **more}


@pytest.mark.parametrize("slug", ENTRIES)
def test_the_price_list_of_every_file_is_what_the_rule_gives(slug):
    one = ENTRIES[slug]
    rows = [row.tokens for row in one.price.rows]
    assert all(rows)
    facts = [files.listed_facts(one.input, row) for row in one.price.rows]
    assert [one.price.tokens(each) for each in facts] == rows


def test_nothing_is_rounded_before_the_end():
    three_tenths = {"kind": "sum", "parts": [fixed("0.1"), fixed("0.1"), fixed("0.1")]}
    assert rule({"kind": "product", "factors": [three_tenths, fixed("10")]}).tokens(Facts({})) == 3
    third = {**per_second(), "per": "3", "rate": fixed("1")}
    assert amount(**third).evaluate(Facts({"duration": 1})) == Fraction(1, 3)


def test_a_begun_token_is_a_token_and_a_minimum_holds():
    assert rule(fixed("2.000001")).tokens(Facts({})) == 3
    assert rule(fixed("2")).tokens(Facts({})) == 2
    assert rule(fixed("0.01")).tokens(Facts({})) == 1
    assert rule(fixed("0.01"), minimum=5).tokens(Facts({})) == 5


def test_a_number_of_the_input_counts_as_it_was_written():
    assert amount(**per_second()).evaluate(Facts({"duration": 0.7})) == Fraction(7, 100)


def test_steps_count_when_begun_and_free_units_do_not():
    half_minutes = {**per_second(), "step": "30", "per": "30", "rate": fixed("5")}
    assert [amount(**half_minutes).evaluate(Facts({"duration": seconds})) for seconds in (1, 30, 31)] == [5, 5, 10]
    assert amount(**per_second(), free="3").evaluate(Facts({"duration": 2})) == 0


@pytest.mark.parametrize(("side", "expected"), [(1024, 5), (2048, 5), (2050, 10), (4096, 10), (4200, 20), (9000, 20)])
def test_a_bracket_holds_up_to_its_limit_and_the_last_beyond_all(side, expected):
    units = {"kind": "per_unit", "measure": "megapixels", "of": "image", "rate": fixed("1")}
    rows = [{"up_to": "4.2", "amount": "5"}, {"up_to": "16.8", "amount": "10"}, {"amount": "20"}]
    priced = rule({"kind": "brackets", "units": units, "rows": rows})
    assert priced.tokens(Facts({"image": {}}, {"image": FileFacts(width=side, height=side)})) == expected
    assert priced.fields() == {"image"}


@pytest.mark.parametrize(
    "rows",
    [
        [{"up_to": "2", "amount": "1"}, {"up_to": "1", "amount": "1"}, {"amount": "1"}],
        [{"up_to": "1", "amount": "1"}, {"up_to": "2", "amount": "1"}],
        [{"amount": "1"}, {"amount": "2"}],
    ],
)
def test_brackets_ascend_to_everything(rows):
    with pytest.raises(ValidationError, match="ascend"):
        amount(kind="brackets", units=fixed("1"), rows=rows)


def test_the_characters_of_a_dialogue_are_those_of_its_texts():
    counted = rule({"kind": "per_unit", "measure": "characters", "of": "dialogue", "rate": fixed("1")})
    assert counted.tokens(Facts({"dialogue": [{"voice": "A", "text": "abc"}, {"voice": "B", "text": "de"}]})) == 5


def test_a_table_tells_true_from_one():
    table = {"kind": "table", "by": ["with_audio"], "rows": [{"match": {"with_audio": True}, "amount": "2"}]}
    assert amount(**table).evaluate(Facts({"with_audio": True})) == 2
    with pytest.raises(Unpriced):
        amount(**table).evaluate(Facts({"with_audio": 1}))


def test_a_table_says_what_stands_for_an_absent_field():
    rows = [{"match": {"tier": "normal"}, "amount": "1"}, {"match": {"tier": "fast"}, "amount": "2"}]
    table = {"kind": "table", "by": ["tier"], "rows": rows}
    assert amount(**table, absent={"tier": "normal"}).evaluate(Facts({})) == 1
    with pytest.raises(Unpriced):
        amount(**table).evaluate(Facts({}))


def test_the_presence_of_a_file_may_change_the_price():
    given_rule = {"kind": "given", "field": "image", "then": fixed("3"), "otherwise": fixed("1")}
    assert amount(**given_rule).evaluate(Facts({"image": {}})) == 3
    assert amount(**given_rule).evaluate(Facts({})) == 1


def test_measured_uploads_are_priced():
    facts = Facts(
        {"video": {"upload": "a"}, "image": {"upload": "b"}, "images": [{}, {}, {}], "prompt": "ёж🦔"},
        {"video": FileFacts(seconds=8.0), "image": FileFacts(width=2000, height=1500)},
    )
    one = {"kind": "per_unit", "rate": fixed("1")}
    assert amount(**one, measure="seconds", of="video").evaluate(facts) == 8
    assert amount(**one, measure="megapixels", of="image").evaluate(facts) == 3
    assert amount(**one, measure="items", of="images").evaluate(facts) == 3
    assert amount(**one, measure="characters", of="prompt").evaluate(facts) == 3
    with pytest.raises(Unpriced):
        amount(**one, measure="seconds", of="image").evaluate(facts)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (fixed(0.1), "as text"),
        (fixed("-1"), "greater than or equal"),
        (fixed("nan"), "finite"),
        (fixed("1e999"), "less than or equal"),
        (fixed(True), "as text"),
        ({"kind": "formula", "code": "1"}, "union_tag_invalid"),
        ({"kind": "sum", "parts": []}, "at least 1"),
    ],
)
def test_what_is_no_rule_is_refused(wrong, reason):
    with pytest.raises(ValidationError) as caught:
        AMOUNT.validate_python(wrong)
    assert reason in str(caught.value)


# Worked examples of provider costs: what the public price lists of June 2026 come to.
SEEDANCE_720 = {
    "kind": "given",
    "field": "video",
    "then": {
        "kind": "product",
        "factors": [
            {
                "kind": "sum",
                "parts": [
                    {"kind": "per_unit", "measure": "seconds", "of": "video", "rate": fixed("1")},
                    {"kind": "per_unit", "measure": "value", "of": "duration", "rate": fixed("1")},
                ],
            },
            fixed("0.125"),
        ],
    },
    "otherwise": {"kind": "per_unit", "measure": "value", "of": "duration", "rate": fixed("0.205")},
}
SPEECH = {"kind": "per_unit", "measure": "characters", "of": "prompt", "per": "1000", "rate": fixed("0.06")}


@pytest.mark.parametrize(
    ("stored", "facts", "expected"),
    [
        (SEEDANCE_720, Facts({"duration": 5}), "1.025"),
        (SEEDANCE_720, Facts({"duration": 5, "video": {}}, {"video": FileFacts(seconds=8.0)}), "1.625"),
        (SPEECH, Facts({"prompt": "x" * 1234}), "0.07404"),
        (fixed("0.06"), Facts({}), "0.06"),
    ],
)
def test_provider_costs_speak_the_same_language(stored, facts, expected):
    assert cost(cost_rule(stored), facts) == Decimal(expected)


def test_an_unknown_cost_is_none():
    assert cost_rule({}) is None


def with_given(slug, **values):
    one = ENTRIES[slug]
    full = files.input_schemas.with_defaults(one.input, {"prompt": "x", "script": "x", **values})
    return one.price.tokens(Facts(full))


@given(size=st.sampled_from(["512", "1024", "1536", "2048"]), count=st.integers(1, 3))
def test_more_pictures_never_cost_less(size, count):
    assert 0 < with_given("demo-image", size=size, count=count) < with_given("demo-image", size=size, count=count + 1)


@given(resolution=st.sampled_from(["360p", "480p", "720p"]), seconds=st.integers(2, 7), sound=st.booleans())
def test_longer_films_cost_more(resolution, seconds, sound):
    prices = [
        with_given("demo-video", resolution=resolution, duration=length, with_audio=sound)
        for length in (seconds, seconds + 1)
    ]
    assert 0 < prices[0] < prices[1]


@given(length=st.integers(1, 5000), more=st.integers(0, 500))
def test_longer_texts_never_cost_less(length, more):
    price, longer = (
        with_given("demo-speech", prompt="x" * length),
        with_given("demo-speech", prompt="x" * (length + more)),
    )
    assert 1 <= price <= longer
    assert price == max(1, -(-length * 10 // 1000))


@given(parts=st.lists(st.decimals("0", "100", places=4), min_size=1, max_size=6))
def test_a_price_is_the_exact_sum_rounded_up_once(parts):
    summed = {"kind": "sum", "parts": [fixed(str(part)) for part in parts]}
    price = rule(summed).tokens(Facts({}))
    assert isinstance(price, int)
    assert price >= 1
    assert sum(parts) <= price < max(sum(parts), 0) + 1 or price == 1


@given(first=st.decimals("0.01", "50", places=3), second=st.decimals("0.01", "50", places=3))
def test_a_rule_knows_its_lines(first, second):
    labelled = [
        {"kind": "labelled", "label": {"ru": "Часть", "en": "Part"}, "amount": fixed(str(one))}
        for one in (first, second)
    ]
    lines = rule({"kind": "sum", "parts": [*labelled, fixed("1")]}).lines(Facts({}))
    assert [amount for _label, amount in lines] == [Fraction(first), Fraction(second), 1]


def test_too_many_combinations_are_not_waited_for():
    field = {"type": "integer", "minimum": 0, "maximum": 100}
    schema = {"properties": {f"field_{letter}": field for letter in "abcdefghij"}, "required": []}
    summed = [
        {"kind": "per_unit", "measure": "value", "of": name, "rate": fixed("1"), "absent": 0}
        for name in schema["properties"]
    ]
    with pytest.raises(price_coverage.NotCovered, match="combinations"):
        price_coverage.check(schema, rule({"kind": "sum", "parts": summed}))
