import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmill.shards.naming import key_and_field
from pixelmill.sources.keys import safe_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a", "a"),
        ("dir.v1/IMG.2020.01", "dir.v1/IMG_2020_01"),
        ("/etc/passwd", "etc/passwd"),
        ("../../up", "up"),
        ("a//./b", "a/b"),
        ("line\nbreak\0", "line_break_"),
        ("..", ""),
        ("Grüße", "Grüße"),
    ],
)
def test_a_name_becomes_a_key_that_no_reader_is_led_astray_by(name, key):
    assert safe_key(name) == key


@given(st.text())
def test_a_key_comes_back_from_a_member_s_name(name):
    key = safe_key(name)
    if key and not key.startswith("__"):
        assert key_and_field(f"{key}.jpg") == (key, "jpg")
        assert safe_key(key) == key
