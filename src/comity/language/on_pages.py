# SPDX-License-Identifier: Apache-2.0
"""What several refusals say to do on a page, where the command line names a command."""

from typing import Final

from comity.language.marks import marked

OPERATOR: Final = marked("Ask the operator: it is done on the machine of this server.")
TODAY: Final = marked("Look at Today: what waits for you stands there.")
PEOPLE: Final = marked("Look at the list under People.")
OURS: Final = marked("Look at the lists under Our agency.")
STANDING: Final = marked("Its page under People shows how you stand to it.")
INTRODUCED: Final = marked("Look at the list under Introductions.")
