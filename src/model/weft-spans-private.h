/* weft-spans-private.h: the spans of many lanes, which grow side by side
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-chunks-private.h"
#include "model/weft-spans.h"

/* The arena is written to by the spans' writer only, and lives longer. (transfer full) */
WeftSpans *_weft_spans_new_in (WeftArena *arena);

/* The writer: where the next spans go, of which @n lie one behind the other. */
WeftSpan *_weft_spans_room (WeftSpans *spans, uint64_t *n);
/* The first @n of the room, 1 or more, are filled in: they are there from now on, with the nodes
 * over them. */
void _weft_spans_publish (WeftSpans *spans, const WeftSpan *room, uint64_t n);
