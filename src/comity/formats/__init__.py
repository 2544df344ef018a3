# SPDX-License-Identifier: Apache-2.0
"""Other people's forms, in and out; so far photographs that tell no more than they show."""
