from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from equilingua.errors import InputError
from equilingua.studies.workers import failure_of


def ended(error: BaseException | None) -> Future[int]:
    future: Future[int] = Future()
    if error is None:
        future.set_result(0)
    else:
        future.set_exception(error)
    return future


def test_a_failure_is_told_on_one_line() -> None:
    assert failure_of(ended(None), place="a") == ""
    assert failure_of(ended(InputError("diverged")), place="a") == "diverged"
    assert failure_of(ended(OSError("disk full\nand more")), place="a") == "OSError: disk full"
    assert failure_of(ended(MemoryError()), place="a") == "MemoryError: "


@pytest.mark.parametrize("error", [BrokenProcessPool("killed"), SystemExit(143)])
def test_a_process_ended_from_outside_leaves_nothing_to_go_on_with(error: BaseException) -> None:
    with pytest.raises(InputError, match=r"a process was ended from outside.* Fewer --processes need less memory"):
        failure_of(ended(error), place="a")
