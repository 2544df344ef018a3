// SPDX-License-Identifier: Apache-2.0
// What makes the pages quicker; every one of them works without it.
"use strict";
