/* weft-spans-private.h: the spans of many lanes, which grow side by side
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-chunks-private.h"
#include "model/weft-spans.h"

/* The arena is written to by the spans' writer only, and lives longer. (transfer full) */
WeftSpans *_weft_spans_new_in (WeftArena *arena);
