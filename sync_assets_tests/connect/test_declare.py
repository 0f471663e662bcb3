"""Claims about columns declared as a line of words."""

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Column


def test_a_word_is_a_column_with_its_path_kind_and_whether_it_must_be_there() -> None:
    assert columns("id! country=address.country due:unix_s paid=amount_paid:integer!") == (
        Column(name="id", path="id", required=True),
        Column(name="country", path="address.country"),
        Column(name="due", path="due", kind="unix_s"),
        Column(name="paid", path="amount_paid", kind="integer", required=True),
    )


def test_the_same_words_are_found_deeper_but_for_those_of_the_record() -> None:
    (state, currency) = columns("status currency=/currency_code!", under="content.subscription")
    assert (state.path, currency.path, currency.required) == ("content.subscription.status", "/currency_code", True)
