# SPDX-License-Identifier: Apache-2.0
"""The world's facts as data and their loaders; each row with its source, date and confidence.

What a person reviews is one YAML file a concept (``kinds/``, ``bases.yaml`` …); what is a table is
CSV (``data/``, see its README). Labels are English and are said by ``language.translator``.
"""
