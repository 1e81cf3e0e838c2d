from app.lenet.reading.lines import find_lines
from app.lenet.reading.marks import Mark


def mark(number: int, left: int, top: int, width: int = 20, height: int = 40) -> Mark:
    return Mark(number, left, top, left + width, top + height, width * height // 3)


def numbers(marks: list[Mark], known: tuple[int, ...] = ()) -> list[list[int]]:
    lines, _ = find_lines(marks, 40, set(known))
    return [[one.number for one in line.tall] for line in lines]


def test_marks_beside_each_other_are_a_line() -> None:
    assert numbers([mark(2, 60, 12), mark(1, 10, 10), mark(3, 10, 80)]) == [[1, 2], [3]]


def test_a_line_may_slope_far() -> None:
    assert numbers([mark(n, 50 * n, 12 * n) for n in range(8)]) == [list(range(8))]


def test_a_broken_digit_is_in_one_line_and_small_digits_above_one_another_are_in_two() -> None:
    pieces = [mark(1, 10, 10, height=24), mark(2, 10, 38, height=24)]
    assert numbers(pieces) == [[1, 2]]
    assert numbers(pieces, known=(1, 2)) == [[1], [2]]
    assert numbers([mark(1, 10, 10, height=18), mark(2, 10, 30, height=22)], known=(1, 2)) == [[1, 2]]


def test_a_comma_does_not_break_a_line() -> None:
    comma = mark(9, 55, 38, 8, 20)
    lines, left_over = find_lines(
        [mark(1, 10, 10), mark(2, 32, 10), comma, mark(3, 70, 14), mark(4, 95, 14)], 40, set()
    )
    assert [[one.number for one in line.tall + line.small] for line in lines] == [[1, 2, 9, 3, 4]]
    assert left_over == []


def test_marks_far_from_any_line_are_left_over() -> None:
    _, left_over = find_lines([mark(1, 10, 10), mark(2, 40, 10), mark(5, 20, 200, 6, 6)], 40, set())
    assert [one.number for one in left_over] == [5]
