"""Pictures: as PNG, and in a Word file that is the same for the same document."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import docx
import numpy as np
import pytest
from docx.shared import Cm
from PIL import Image

from remission.report.figures.png import png_of, rows_of
from remission.report.word_file import Pictures, save

LARGEST = (Cm(10), Cm(8))


def picture(path: Path, height: int, width: int, seed: int = 1) -> Path:
    colours = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    path.write_bytes(png_of(rows_of(colours), 300))
    return path


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (50, 20)])
def test_a_png_holds_the_pixels_without_their_opacity(shape: tuple[int, int]) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (*shape, 4), dtype=np.uint8)
    found = Image.open(io.BytesIO(png_of(rows_of(colours), 300)))
    assert (np.asarray(found) == colours[:, :, :3]).all()
    assert found.info["dpi"] == pytest.approx((300, 300), abs=0.01)


def document(folder: Path) -> Path:
    """Return a document with a wide, a high and once more the wide picture."""
    word = docx.Document()
    pictures = Pictures(word)
    for number, (height, width) in enumerate(((30, 60), (60, 30), (30, 60))):
        pictures.place(word.add_paragraph(), picture(folder / f"{number}.png", height, width),
                       LARGEST, f"picture {number}")
    save(word, folder / "w.docx")
    return folder / "w.docx"


def test_pictures_fill_the_width_or_the_height_they_may_take(tmp_path: Path) -> None:
    shapes = docx.Document(str(document(tmp_path))).inline_shapes
    assert [(shape.width, shape.height) for shape in shapes] == [
        (Cm(10), Cm(5)), (Cm(4), Cm(8)), (Cm(10), Cm(5))]


def test_every_picture_has_its_own_number_and_words(tmp_path: Path) -> None:
    body = docx.Document(str(document(tmp_path))).element.body
    properties = body.xpath("//wp:docPr")
    assert [each.get("descr") for each in properties] == ["picture 0", "picture 1", "picture 2"]
    assert len({each.get("id") for each in properties}) == len(properties)


def test_pictures_are_stored_as_they_are(tmp_path: Path) -> None:
    with ZipFile(document(tmp_path)) as file:
        stored = [part for part in file.infolist() if part.filename.endswith(".png")]
        assert len(stored) == 3
        assert {part.compress_type for part in stored} == {ZIP_STORED}


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    first = document(tmp_path).read_bytes()
    assert document(tmp_path).read_bytes() == first
