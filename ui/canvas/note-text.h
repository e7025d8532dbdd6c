/* note-text.h: what a run does not have from its graph, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

/* What was assumed, then what was left out, a line each. @notes: (nullable). (transfer full): empty
 * when there is nothing to say */
char **weftline_note_lines (const WeftModelNotes *notes);
/* “file:3:1: words”, without the folders it is in, and in one line. (transfer full) */
char *weftline_note_short (const char *note);
