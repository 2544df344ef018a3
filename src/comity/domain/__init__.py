# SPDX-License-Identifier: Apache-2.0
"""What officers talk about: frozen values and pure rules; standard library only."""
