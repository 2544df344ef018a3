# SPDX-License-Identifier: Apache-2.0
"""Labels in data are collected; codes and facts are not."""

from io import BytesIO

from comity.language.messages import extract_csv, extract_yaml


def test_labels_are_collected_at_any_depth_with_their_lines() -> None:
    source = b"""\
id: phone
question: Who uses this phone?
fields:
  - name: number
    label: Phone number
    hint: With the country code.
    choices:
      - {code: a, label: First}
steps:
  - Ask again.
  - Ask another.
source: never collected
"""

    found = [(line, text) for line, _, text, _ in extract_yaml(BytesIO(source), {}, (), options={})]

    assert found == [
        (2, "Who uses this phone?"),
        (5, "Phone number"),
        (6, "With the country code."),
        (8, "First"),
        (10, "Ask again."),
        (11, "Ask another."),
    ]


def test_an_empty_file_and_an_empty_label_hold_nothing() -> None:
    assert list(extract_yaml(BytesIO(b""), {}, (), options={})) == []
    assert list(extract_yaml(BytesIO(b"label: ''\nhint: {a: b}\n"), {}, (), options={})) == []


def test_names_in_a_table_are_collected_with_their_lines() -> None:
    source = b"code,name_en\nTUS,tusk\nIVP,piece - ivory\n"

    found = [(line, text) for line, _, text, _ in extract_csv(BytesIO(source), {}, (), options={})]

    assert found == [(2, "tusk"), (3, "piece - ivory")]
