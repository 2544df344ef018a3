# SPDX-License-Identifier: Apache-2.0
"""Sentences for people: gettext catalogues, plurals and names of places.

``translator.Translator`` is what a face holds. English is the source, marked in the code
(``marks.py``) and in the labels of ``knowledge`` (``messages.py``); ``locale/*.po`` holds the rest.
"""
