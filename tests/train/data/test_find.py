"""Finding photographs in folders, zips, STL-10 binaries, COCO and Pascal VOC: tiny made ones."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from train.data.find import STL_BYTES, DataError, find_photos
from train.data.photographs import load_photos


@pytest.fixture(scope="module")
def pictures(photographs) -> list[np.ndarray]:
    names = ("astronaut", "chelsea", "coffee")
    return [np.asarray(Image.fromarray(photographs[n]).resize((96, 96))) for n in names]


def save(picture: np.ndarray, path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def names(*paths) -> list[str]:
    return [item.name for item in find_photos(list(paths))]


@pytest.fixture
def stl(tmp_path, pictures):
    """A folder as the archive of STL-10 unpacks: photographs column by column, and labels."""
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    raw = b"".join(p.transpose(2, 1, 0).tobytes() for p in pictures)
    (folder / "unlabeled_X.bin").write_bytes(raw)
    (folder / "test_X.bin").write_bytes(raw[:STL_BYTES])
    (folder / "test_y.bin").write_bytes(b"\1")
    return folder


def test_stl10_binaries_are_photographs_the_right_way_up(stl, pictures, tmp_path):
    photos = load_photos([stl / "unlabeled_X.bin"], 96, tmp_path / "cache")
    assert photos.counts() == {"stl10-unlabeled": 3}
    assert np.array_equal(photos.pixels, np.stack(pictures))
    assert names(stl) == ["stl10-test/000000.ppm"] + [
        f"stl10-unlabeled/{i:06d}.ppm" for i in range(3)
    ]


def test_a_cut_stl10_file_is_one_sentence(stl):
    (stl / "test_X.bin").write_bytes(b"\0" * 100)
    with pytest.raises(DataError, match="not a whole number") as caught:
        find_photos([stl])
    assert "\n" not in str(caught.value)


def test_coco_is_its_photographs_without_annotations(tmp_path, pictures):
    save(pictures[0], tmp_path / "coco/train2017/000000000009.jpg")
    save(pictures[1], tmp_path / "coco/val2017/000000000139.jpg")
    save(pictures[2], tmp_path / "coco/annotations/panoptic_train2017/000000000009.png")
    expected = ["train2017/000000000009.jpg", "val2017/000000000139.jpg"]
    assert names(tmp_path / "coco") == expected
    archive = tmp_path / "train2017.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(tmp_path / "coco/train2017/000000000009.jpg", expected[0])
    assert names(archive) == expected[:1]


@pytest.fixture
def voc(tmp_path, pictures):
    root = tmp_path / "VOCdevkit/VOC2012"
    for name, picture in zip(("2007_000027", "2007_000032", "2008_000002"), pictures, strict=True):
        save(picture, root / f"JPEGImages/{name}.jpg")
        save(picture[..., 0], root / f"SegmentationClass/{name}.png")
    lists = root / "ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("2007_000027\n2008_000002\n")
    (lists / "cat_train.txt").write_text("2007_000027 -1\n2008_000002  1\n")
    return root


def test_pascal_voc_is_its_photographs_or_those_of_a_list(voc):
    whole = [f"VOC2012/JPEGImages/{n}.jpg" for n in ("2007_000027", "2007_000032", "2008_000002")]
    assert names(voc.parent) == whole
    assert names(voc / "ImageSets/Main/train.txt") == [
        "JPEGImages/2007_000027.jpg",
        "JPEGImages/2008_000002.jpg",
    ]
    assert names(voc / "ImageSets/Main/cat_train.txt") == ["JPEGImages/2008_000002.jpg"]


def test_a_list_that_does_not_fit_is_one_sentence(voc, tmp_path):
    (voc / "ImageSets/Main/train.txt").write_text("2099_000001\n")
    with pytest.raises(DataError, match=r"such as 2099_000001\.jpg"):
        find_photos([voc / "ImageSets/Main/train.txt"])
    alone = tmp_path / "list.txt"
    alone.write_text("2007_000027\n")
    with pytest.raises(DataError, match="beside JPEGImages"):
        find_photos([alone])


def test_what_is_no_archive_is_told(tmp_path):
    broken = tmp_path / "photos.zip"
    broken.write_bytes(b"no archive")
    with pytest.raises(DataError, match="not a zip archive"):
        find_photos([broken])


def test_a_limit_is_spread_over_all(tmp_path):
    for i in range(10):
        (tmp_path / f"{i}.png").write_bytes(b"any")
    names = [item.name for item in find_photos([tmp_path], limit=4)]
    assert names == ["0.png", "2.png", "5.png", "7.png"]
    assert len(find_photos([tmp_path], limit=11)) == 10
