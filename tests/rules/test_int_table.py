"""The table that remembers a file's rows by number in little memory."""

from registry.rules.int_table import IntTable


def test_it_knows_how_many_it_holds_and_gives_back_what_was_put_first() -> None:
    table = IntTable()
    assert [table.put(key, key * 3) for key in range(1, 3000)] == [0] * 2999
    assert len(table) == 2999
    assert table.put(7, 1) == 21
    assert (table.get(7), table.get(5000), len(table)) == (21, 0, 2999)
