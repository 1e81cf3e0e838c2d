import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from training.data.loaders import Loader

INPUTS, LABELS = torch.arange(10.0).unsqueeze(1), torch.arange(10)
EPOCHS = 3


def epochs(train: Loader | DataLoader[tuple[Tensor, ...]], valid: Loader | DataLoader[tuple[Tensor, ...]]) -> list[str]:
    """All batches of some epochs in order, each followed by validation, from one global seed."""
    torch.manual_seed(42)
    return [
        f"{inputs.tolist()} {labels.tolist()}"
        for _ in range(EPOCHS)
        for part in (train, valid)
        for inputs, labels in part
    ]


def test_batches_equal_those_of_torchs_data_loader() -> None:
    data = TensorDataset(INPUTS, LABELS)
    theirs = epochs(DataLoader(data, 4, shuffle=True), DataLoader(data, 3, shuffle=False))
    assert epochs(Loader(INPUTS, LABELS, 4, shuffle=True), Loader(INPUTS, LABELS, 3, shuffle=False)) == theirs
    assert len(theirs) == EPOCHS * (3 + 4)


def test_the_global_generator_ends_in_the_same_state_as_with_torchs_data_loader() -> None:
    data = TensorDataset(INPUTS, LABELS)
    epochs(DataLoader(data, 4, shuffle=True), DataLoader(data, 3, shuffle=False))
    theirs = torch.get_rng_state()
    epochs(Loader(INPUTS, LABELS, 4, shuffle=True), Loader(INPUTS, LABELS, 3, shuffle=False))
    assert torch.equal(torch.get_rng_state(), theirs)


def test_each_pass_has_each_picture_once_in_a_new_order() -> None:
    torch.manual_seed(42)
    loader = Loader(INPUTS, LABELS, 4, shuffle=True)
    first, second = (torch.cat([labels for _, labels in loader]).tolist() for _ in range(2))
    assert sorted(first) == sorted(second) == LABELS.tolist()
    assert first != second


def test_the_length_includes_a_smaller_last_batch() -> None:
    for batch_size, batches in ((3, 4), (5, 2), (10, 1), (11, 1)):
        loader = Loader(INPUTS, LABELS, batch_size, shuffle=False)
        assert len(loader) == len(list(loader)) == batches
