# SPDX-License-Identifier: Apache-2.0
"""Tables, queries, blobs and migrations; the only importer of SQLAlchemy."""
