import pytest

from equilingua.errors import InputError
from equilingua.runtime import check_one_gpu


def test_several_gpus_in_one_process_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    with pytest.raises(InputError, match=r"4 GPUs are visible.*torchrun --nproc_per_node 4 .*CUDA_VISIBLE_DEVICES=0"):
        check_one_gpu()


def test_a_process_with_a_gpu_of_its_own_may_train(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    check_one_gpu()
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    monkeypatch.setenv("LOCAL_RANK", "0")
    check_one_gpu()
