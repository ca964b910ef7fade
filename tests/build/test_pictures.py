"""Pictures: what is refused, what is taken out of them, and in which forms they are published."""

import io
import struct
import zlib

import PIL.Image
import pytest
from PIL import ImageCms

from pydotorg_build.attachments import Picture, PictureFile
from pydotorg_build.markdown import Flaw, Image
from pydotorg_build.pictures import (
    MAX_BYTES,
    PictureInfo,
    Variant,
    make_variants,
    picture_html,
    read_picture,
)

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def photo(width, height, form="jpeg", mode="RGB", **options) -> bytes:
    """A picture with as much detail as a photograph."""
    noise = PIL.Image.linear_gradient("L").resize((width, height))
    file = io.BytesIO()
    noise.convert(mode).save(file, form, **options)
    return file.getvalue()


def opened(variant: Variant) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(variant.bytes))


def forms(data: bytes) -> list[tuple[str, int, int]]:
    return [(v.format, v.width, v.height) for v in make_variants(data)]


# What is refused


def test_a_sound_picture_is_known_by_its_format_and_size():
    assert read_picture(photo(30, 20), "a.JPG") == PictureInfo("jpeg", 30, 20)


@pytest.mark.parametrize("data", [b"", b"nonsense", photo(30, 20, "png")[:-40], b"GIF89a"])
def test_what_is_no_whole_picture_is_a_flaw(data):
    flaw = read_picture(data, "a.png")

    assert isinstance(flaw, Flaw)
    assert flaw.message == "this is not a whole picture of a known format"


def test_a_name_that_says_another_format_is_a_flaw():
    flaw = read_picture(photo(30, 20, "png"), "a.jpg")

    assert flaw == Flaw(0, 0, "the picture is png, which its name does not say", "use .png")


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_a_bomb_is_a_flaw_and_is_not_unpacked(side):
    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")

    flaw = read_picture(data, "a.png")

    assert flaw == Flaw(0, 0, "the picture has more than 50 million pixels", "make it smaller")


def test_a_picture_of_too_many_bytes_is_a_flaw():
    flaw = read_picture(bytes(MAX_BYTES + 1), "a.png")

    assert flaw == Flaw(0, 0, "the picture is larger than 20 MB", "make it smaller")


def test_only_a_gif_may_move():
    frames = [PIL.Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "webp", save_all=True, append_images=frames[1:])

    assert read_picture(file.getvalue(), "a.webp") == Flaw(0, 0, "only a GIF may move")


# What is made of them


@pytest.mark.row("S071")
def test_a_photograph_has_modern_forms_in_several_widths_its_own_first():
    assert forms(photo(1000, 500)) == [
        ("jpeg", 1000, 500),
        ("avif", 1000, 500),
        ("avif", 480, 240),
        ("webp", 1000, 500),
        ("webp", 480, 240),
    ]


def test_no_form_is_wider_than_the_original():
    assert {width for _, width, _ in forms(photo(300, 100))} == {300}


def test_a_very_wide_picture_is_made_as_wide_as_is_shown():
    assert forms(photo(3000, 300, "png"))[0] == ("png", 1440, 144)


def test_its_own_format_takes_no_more_bytes_than_it_came_with():
    data = photo(600, 300, quality=70)

    assert len(make_variants(data)[0].bytes) <= len(data)


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "avif"])
def test_nothing_of_the_camera_is_left(form):
    exif = PIL.Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x8825] = {1: "N"}
    data = photo(900, 500, form, exif=exif)

    for variant in make_variants(data):
        assert b"Camera" not in variant.bytes
        assert dict(opened(variant).getexif()) == {}


def test_a_picture_is_turned_the_right_way_up():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    data = photo(40, 20, exif=exif)

    assert read_picture(data, "a.jpg") == PictureInfo("jpeg", 20, 40)
    assert make_variants(data)[0].width == 20


def test_a_colour_profile_is_applied_and_left_out():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = photo(40, 20, "png", icc_profile=profile)

    for variant in make_variants(data):
        assert "icc_profile" not in opened(variant).info


@pytest.mark.parametrize(
    ("mode", "form"),
    [("RGBA", "png"), ("LA", "png"), ("P", "png"), ("1", "png"), ("I;16", "png"), ("CMYK", "jpeg"),
     ("L", "jpeg"), ("P", "gif"), ("RGBA", "webp")],
)  # fmt: skip
def test_pictures_of_every_kind_of_pixel_have_their_own_form(mode, form):
    data = photo(40, 20, form, mode)

    assert forms(data)[0] == (form, 40, 20)


def test_what_is_clear_stays_clear():
    file = io.BytesIO()
    PIL.Image.new("RGBA", (60, 60), (255, 0, 0, 0)).save(file, "png")

    for variant in make_variants(file.getvalue()):
        assert opened(variant).convert("RGBA").getpixel((5, 5))[3] == 0


def test_a_form_that_saves_nothing_is_left_out():
    file = io.BytesIO()
    PIL.Image.frombytes("1", (64, 64), b"\xaa" * 512).save(file, "png", optimize=True)

    assert forms(file.getvalue()) == [("png", 64, 64)]


def test_a_gif_that_moves_is_kept_as_it_is():
    frames = [PIL.Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "gif", save_all=True, append_images=frames[1:])

    assert make_variants(file.getvalue()) == [Variant("gif", 9, 9, file.getvalue())]


def test_the_same_bytes_make_the_same_pictures():
    data = photo(900, 400)

    assert make_variants(data) == make_variants(data)


# Drawings


def clean(inside: str) -> str:
    (variant,) = make_variants(f'<svg {SVG} viewBox="0 0 30 20">{inside}</svg>'.encode())
    text = variant.bytes.decode()
    return text.partition(">")[2].removesuffix("</svg>") if inside else text


def test_a_drawing_is_as_large_as_it_says():
    data = f'<?xml version="1.0"?><svg {SVG} width="30px" height="20.4"/>'.encode()

    assert read_picture(data, "a.svg") == PictureInfo("svg", 30, 20)


def test_a_drawing_that_does_not_say_how_large_it_is_is_a_flaw():
    flaw = read_picture(f"<svg {SVG}/>".encode(), "a.svg")

    assert isinstance(flaw, Flaw)
    assert flaw.message.startswith("this SVG does not say how large it is")


def test_shapes_and_local_references_are_kept():
    inside = '<g fill="url(#a)"><use href="#b" /><path d="M0 0" style="fill:red" /></g>'

    assert clean(inside) == inside


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p/></foreignObject>",
        '<a href="javascript:x"><path/></a>',
        '<animate attributeName="href" to="javascript:x"/>',
        "<set/>",
        '<style>@import "x"</style>',
        "<style>a{fill:url(http://x)}</style>",
        r"<style>a{fill:\75rl(http://x)}</style>",
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">x</h:script>',
        "<!-- a -->",
    ],
)
def test_what_runs_or_fetches_is_taken_out_of_a_drawing(inside):
    assert clean(inside) in ("", clean(""))


@pytest.mark.parametrize(
    "attribute",
    [
        'onclick="x"',
        'ONLOAD="x"',
        'xlink:href="http://x"',
        'href="data:text/html,x"',
        'href="data:image/svg+xml;base64,x"',
        'style="fill:url(http://x)"',
        'fill="url( //x)"',
    ],
)
def test_attributes_that_run_or_fetch_are_taken_out_of_a_drawing(attribute):
    assert clean(f"<use {attribute}/>") == "<use />"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (f'<!DOCTYPE svg [<!ENTITY a "b">]><svg {SVG}/>', "an SVG may not declare entities"),
        ("<svg/>", "this is not an SVG"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "this is not an SVG"),
        (f'<svg {SVG} width="1" height="1">{"<g>" * 9000}{"</g>" * 9000}</svg>',
         "this SVG is nested too deeply"),
    ],
)  # fmt: skip
def test_other_documents_are_no_drawings(data, message):
    assert read_picture(data.encode(), "a.svg") == Flaw(0, 0, message)


# In the page


PICTURE = Picture(
    1000,
    500,
    (
        PictureFile("jpeg", 1000, 500, "/a.jpg"),
        PictureFile("webp", 1000, 500, "/a.webp"),
        PictureFile("avif", 1000, 500, "/a.avif"),
        PictureFile("avif", 480, 240, "/a-480.avif"),
    ),
)


def test_the_browser_chooses_among_forms_and_sizes():
    text = picture_html(PICTURE, Image("a.jpg", 'A "cat"', "", 1), sizes="100vw")

    assert text == (
        '<picture><source type="image/avif" srcset="/a-480.avif 480w, /a.avif 1000w" sizes="100vw">'
        '<source type="image/webp" srcset="/a.webp 1000w" sizes="100vw">'
        '<img src="/a.jpg" width="1000" height="500" alt="A &quot;cat&quot;"'
        ' loading="lazy" decoding="async"></picture>'
    )


def test_a_picture_of_one_form_is_an_img():
    drawing = Picture(30, 20, (PictureFile("svg", 30, 20, "/a.svg"),))

    assert picture_html(drawing, Image("a.svg", "", "", 1)) == (
        '<img src="/a.svg" width="30" height="20" alt="" loading="lazy" decoding="async">'
    )


def test_an_author_decides_how_large_a_picture_is_shown():
    text = picture_html(PICTURE, Image("a.jpg", "A", "", 1, "left", 300))

    assert 'sizes="300px"' in text
    assert '<img src="/a.jpg" class="left" width="300" height="150" alt="A"' in text
