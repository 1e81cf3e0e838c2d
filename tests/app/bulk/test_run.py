"""A run beside others: what another does between this one's plan and its beginning."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from app.bulk import rows
from app.bulk.archive import find_archive
from app.bulk.errors import BulkError
from app.bulk.output import Output
from app.bulk.run import Run
from app.bulk.slices import PathSlice
from app.lenet.network import artifact
from app.settings import Settings
from tests.image_files import encoded
from tests.mnist_sample import MnistSample


@pytest.fixture
def planned(sample: MnistSample, tmp_path: Path) -> Run:
    """A run over a folder of 20 pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, digit in enumerate(sample.images[:20]):
        (folder / f"{number:02}.png").write_bytes(encoded(digit))
    settings = Settings(device="cpu", workers=1)
    archive = find_archive(str(folder), None, tmp_path)
    model = artifact.load_card(settings.find_weights()).weights_sha256
    output = Output(tmp_path / "answers", pa.schema([*archive.kept, *rows.schema(reads=False)]), model)
    return Run(settings, archive, output, reads=False, total=20, left=20, workers=1, on_ray=False)


def finish_five(planned: Run, output: Output) -> None:
    """Write rows for five of the pictures, as an earlier run would whose workers have outlived it."""
    [piece] = planned.archive.slices(output, 5, 5)
    assert isinstance(piece, PathSlice)
    others = [pa.nulls(5, field.type) for field in rows.schema(reads=False)]
    columns = [pa.array(piece.paths, pa.string()), *others]
    output.write(output.begin(), piece.part, [pa.RecordBatch.from_arrays(columns, schema=output.schema)])


def test_what_an_earlier_run_finished_since_the_plan_is_not_scored_again(planned: Run) -> None:
    finish_five(planned, planned.output)
    with planned.begun() as (_, slices):
        assert sum(map(len, slices)) == 15
        left = {path for piece in slices if isinstance(piece, PathSlice) for path in piece.paths}
        assert left.isdisjoint(planned.output.paths().to_pylist())


def test_what_an_earlier_run_of_another_model_finished_since_the_plan_ends_the_run(planned: Run) -> None:
    finish_five(planned, replace(planned.output, model="b" * 64))
    with pytest.raises(BulkError, match="holds answers of another model"), planned.begun():
        pass
    assert not list(planned.output.folder.glob(".*"))
